// Prints what cdk-nag's "AWS Solutions" finds in templates, a line of JSON for each
// finding. The templates become typed constructs, which its rules look at.
const { App, Stack, Aspects, LegacyStackSynthesizer } = require('aws-cdk-lib');
const { CfnInclude } = require('aws-cdk-lib/cloudformation-include');
const { AwsSolutionsChecks } = require('cdk-nag');
const { basename } = require('path');

class Logger {
  onCompliance() {}
  onSuppressed() {}
  onNotApplicable() {}
  onSuppressedError() {}
  onNonCompliance(d) { this.tell(d, d.findingId); }
  onError(d) { this.tell(d, 'error: ' + d.errorMessage); }
  tell(d, finding) {
    const [stack, ...path] = d.resource.node.path.split('/');
    console.log(JSON.stringify({ rule: d.ruleId, finding, resource: stack + '/' + path.filter((p) => p !== 'Template').join('/'), text: d.ruleInfo }));
  }
}

const app = new App({ outdir: process.argv[2], analyticsReporting: false });
for (const file of process.argv.slice(3)) {
  const stack = new Stack(app, basename(file).replace(/\..*/, ''), { synthesizer: new LegacyStackSynthesizer() });
  new CfnInclude(stack, 'Template', { templateFile: file });
}
Aspects.of(app).add(new AwsSolutionsChecks({ reports: false, additionalLoggers: [new Logger()] }));
app.synth();

"""EventBridge rules that reach functions, which moto's do not."""

import json

from moto.awslambda.utils import get_backend
from moto.events.models import Rule

send_to_targets = Rule.send_to_targets


def send(self, original_event, transform_input=True):
    send_to_targets(self, original_event, transform_input)
    if not self.event_pattern.matches_event(original_event):
        return
    for target in self.targets:
        arn = target["Arn"]
        if ":lambda:" in arn:
            _, _, _, region, account = arn.split(":")[:5]
            body = target.get("Input") or json.dumps(original_event)
            get_backend(account, region).get_function(arn).invoke(body, {"x-amz-invocation-type": "Event"}, {})


def install():
    Rule.send_to_targets = send

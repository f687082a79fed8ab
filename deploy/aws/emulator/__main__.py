"""AWS on this machine, as far as a deployment of LILO needs it.

    LILO_ENDPOINT=http://127.0.0.1:8080 python -m emulator

CloudFormation, IAM, Lambda, Step Functions, EventBridge, S3, SSM and STS are
moto's, with stacks handled in CloudFormation's order, and with functions and
state machines that run (stacks.py, functions.py, machines.py, events.py);
MediaLive is the endpoint that LILO_ENDPOINT names.
Prints its own endpoint on a line of its own when it is ready. GET /emulator
tells what it only recorded, which functions were called and what was deleted, /emulator/left what
there is in the account that costs money, /emulator/stacks how the stacks are,
/emulator/schedule/WORD begins what the schedule with that word in its name is for.
"""

import json
import os
import sys
import threading


def main():
    os.environ.setdefault("MOTO_CALL_RESET_API", "false")
    os.environ.setdefault("AWS_EC2_METADATA_DISABLED", "true")
    from werkzeug.serving import make_server
    from moto.server import DomainDispatcherApplication, create_backend_app

    from . import changesets, events, functions, machines, medialive, parameters, schedules, stacks  # noqa: F401  (medialive's models are found as subclasses)

    stacks.install()
    changesets.install()
    functions.install()
    events.install()
    parameters.install()
    machines.install()
    moto = DomainDispatcherApplication(create_backend_app)

    def app(environ, start):
        if environ["PATH_INFO"].startswith("/emulator"):
            body = json.dumps(tell(environ["PATH_INFO"])).encode()
            start("200 OK", [("Content-Type", "application/json"), ("Content-Length", str(len(body)))])
            return [body]
        return moto(environ, start)

    server = make_server("127.0.0.1", int(os.environ.get("EMULATOR_PORT", "0")), app, threaded=True)
    endpoint = f"http://127.0.0.1:{server.server_port}"
    os.environ["EMULATOR_ENDPOINT"] = endpoint
    os.environ["MOTO_PORT"] = str(server.server_port)  # Where state machines call functions.
    print(endpoint, flush=True)
    threading.Thread(target=parent, daemon=True).start()
    server.serve_forever()


def tell(path):
    from . import functions, schedules, stacks

    if path == "/emulator/left":
        return left()
    if path == "/emulator/stacks":
        return stacks.statuses(os.environ["AWS_REGION"])
    if path.startswith("/emulator/schedule/"):
        return {"name": schedules.fire(path.rsplit("/", 1)[1])}
    return {"recorded": stacks.RECORDED, "functions": functions.LOG, "deleted": stacks.DELETED}


def left():
    """What is in the account, by service, but for what the CDK's bootstrap made."""
    import boto3

    from . import schedules

    region = os.environ["AWS_REGION"]

    def of(service, call, key, name=None):
        c = boto3.client(service, region_name=region, endpoint_url=os.environ["EMULATOR_ENDPOINT"])
        found = getattr(c, call)().get(key) or []
        return [each if name is None else each[name] for each in found]

    return {
        "buckets": [b for b in of("s3", "list_buckets", "Buckets", "Name") if not b.startswith("cdk-")],
        "functions": of("lambda", "list_functions", "Functions", "FunctionName"),
        "machines": of("stepfunctions", "list_state_machines", "stateMachines", "name"),
        "rules": of("events", "list_rules", "Rules", "Name"),
        "queues": of("sqs", "list_queues", "QueueUrls"),
        "topics": of("sns", "list_topics", "Topics", "TopicArn"),
        "alarms": of("cloudwatch", "describe_alarms", "MetricAlarms", "AlarmName"),
        "schedules": sorted(schedules.ALL),
        "parameters": [p for p in of("ssm", "describe_parameters", "Parameters", "Name") if not p.startswith("/cdk-")],
        "roles": [r for r in of("iam", "list_roles", "Roles", "RoleName") if not r.startswith("cdk-")],
    }


def parent():
    """Ends with whoever started it: its standard input is closed then."""
    sys.stdin.read()
    os._exit(0)


if __name__ == "__main__":
    main()

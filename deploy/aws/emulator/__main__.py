"""AWS on this machine, as far as a deployment of LILO needs it.

    LILO_ENDPOINT=http://127.0.0.1:8080 python -m emulator

CloudFormation, IAM, Lambda, Step Functions, EventBridge, S3, SSM and STS are
moto's, with stacks handled in CloudFormation's order, and with functions and
state machines that run (stacks.py, functions.py, machines.py, events.py); MediaLive is the endpoint that LILO_ENDPOINT names.
Prints its own endpoint on a line of its own when it is ready, and on GET
/emulator tells what it only recorded and which functions were called.
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

    from . import changesets, events, functions, machines, medialive, parameters, stacks  # noqa: F401  (medialive's models are found as subclasses)

    stacks.install()
    changesets.install()
    functions.install()
    events.install()
    parameters.install()
    machines.install()
    moto = DomainDispatcherApplication(create_backend_app)

    def app(environ, start):
        if environ["PATH_INFO"] == "/emulator":
            body = json.dumps({"recorded": stacks.RECORDED, "functions": functions.LOG}).encode()
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


def parent():
    """Ends with whoever started it: its standard input is closed then."""
    sys.stdin.read()
    os._exit(0)


if __name__ == "__main__":
    main()

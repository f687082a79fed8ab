"""Lambda functions that really run: their own binary, behind the Runtime API of Lambda."""

import base64
import http.server
import io
import json
import os
import platform
import shutil
import stat
import subprocess
import sys
import tempfile
import threading
import time
import uuid
import zipfile

from moto.awslambda.models import LambdaFunction
from moto.core.common_models import CloudFormationModel

from .stacks import WORK, Cancelled

NATIVE = {"x86_64": "x86_64", "aarch64": "arm64", "arm64": "arm64"}[platform.machine()]
CODE = {}  # hash of the code -> the folder that it was unpacked to
LOG = []  # (function, event, answer), in order


class Invocation(http.server.BaseHTTPRequestHandler):
    """The Runtime API for one invocation (Lambda developer guide, "Custom runtime")."""

    def log_message(self, *_):
        pass

    def do_GET(self):
        job = self.server.job
        if job.taken:  # One event a process; the next call waits until the process is ended.
            job.over.wait(60)
            self.send_response(410)
            self.end_headers()
            return
        job.taken = True
        body = json.dumps(job.event).encode()
        self.send_response(200)
        self.send_header("Lambda-Runtime-Aws-Request-Id", job.id)
        self.send_header("Lambda-Runtime-Deadline-Ms", str(int(job.deadline * 1000)))
        self.send_header("Lambda-Runtime-Invoked-Function-Arn", job.function.function_arn)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self):
        job = self.server.job
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0)) if self.headers.get("Content-Length") else self.chunks()
        self.send_response(202)
        self.send_header("Content-Length", "0")
        self.end_headers()
        job.finish(body, failed=self.path.endswith("/error"))

    def chunks(self):
        data = b""
        while True:
            size = int(self.rfile.readline().strip() or b"0", 16)
            if size == 0:
                return data
            data += self.rfile.read(size)
            self.rfile.readline()


class Job:
    """One invocation of one function."""

    def __init__(self, function, event):
        self.function, self.event, self.id = function, event, str(uuid.uuid4())
        self.deadline = time.time() + int(function.timeout or 3)
        self.taken, self.failed, self.answer, self.over = False, False, b"", threading.Event()

    def finish(self, body, failed):
        self.answer, self.failed = body, failed
        self.over.set()

    def run(self):
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Invocation)
        server.job = self
        threading.Thread(target=server.serve_forever, daemon=True).start()
        log = tempfile.TemporaryFile()
        process = subprocess.Popen(command(self.function), env=environment(self.function, server.server_address[1]), stdout=log, stderr=log)
        try:
            while not self.over.wait(0.2):
                if process.poll() is not None:
                    self.finish(json.dumps({"errorType": "Runtime.ExitError", "errorMessage": f"exit status {process.returncode}"}).encode(), True)
                elif time.time() > self.deadline:
                    self.finish(json.dumps({"errorType": "Sandbox.Timedout", "errorMessage": "Task timed out"}).encode(), True)
        finally:
            process.kill()
            process.wait()
            server.shutdown()
            server.server_close()
        log.seek(0)
        lines = log.read().decode(errors="replace")
        sys.stderr.write("".join(f"  {self.function.function_name}: {line}\n" for line in lines.splitlines()))
        LOG.append((self.function.function_name, self.event, self.answer.decode(errors="replace")))
        return self.answer


def folder(function):
    key = function.code_sha_256
    if key not in CODE:
        CODE[key] = tempfile.mkdtemp(prefix="function-")
        with zipfile.ZipFile(io.BytesIO(function.code_bytes)) as z:
            z.extractall(CODE[key])
        for name in os.listdir(CODE[key]):
            path = os.path.join(CODE[key], name)
            os.chmod(path, os.stat(path).st_mode | stat.S_IXUSR)
    return CODE[key]


def command(function):
    """The function's own binary, through qemu where it is for another processor."""
    if not function.run_time.startswith("provided"):
        raise ValueError(f"{function.function_name}: no runtime {function.run_time} here")
    bootstrap = os.path.join(folder(function), "bootstrap")
    with open(bootstrap, "rb") as f:  # e_machine of the ELF header: 183 is AArch64
        wanted = "arm64" if f.read(20)[18] == 183 else "x86_64"
    if wanted == NATIVE:
        return [bootstrap]
    qemu = shutil.which("qemu-aarch64-static" if wanted == "arm64" else "qemu-x86_64-static")
    if not qemu:
        raise ValueError("qemu-user-static is needed to run functions for " + wanted)
    return [qemu, bootstrap]


def environment(function, port):
    env = {
        "PATH": os.environ["PATH"], "_HANDLER": function.handler or "bootstrap", "AWS_LAMBDA_RUNTIME_API": f"127.0.0.1:{port}",
        "AWS_LAMBDA_FUNCTION_NAME": function.function_name, "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(function.memory_size), "AWS_LAMBDA_LOG_GROUP_NAME": f"/aws/lambda/{function.function_name}",
        "AWS_LAMBDA_LOG_STREAM_NAME": "emulator", "AWS_REGION": function.region, "AWS_DEFAULT_REGION": function.region,
        "AWS_ACCESS_KEY_ID": "function", "AWS_SECRET_ACCESS_KEY": "function", "LAMBDA_TASK_ROOT": folder(function),
        "AWS_ENDPOINT_URL": os.environ["EMULATOR_ENDPOINT"], "AWS_ENDPOINT_URL_MEDIALIVE": os.environ["LILO_ENDPOINT"],
        "AWS_MAX_ATTEMPTS": "3",
    }
    env.update(function.environment_vars or {})
    return {k: str(v) for k, v in env.items()}


def invoke(self, body, request_headers, response_headers):
    """In the place of moto's, which needs Docker."""
    event = json.loads(body) if body else {}
    kind = (request_headers or {}).get("x-amz-invocation-type") or (request_headers or {}).get("X-Amz-Invocation-Type") or "RequestResponse"
    if kind == "Event":
        threading.Thread(target=later, args=(self, event), daemon=True).start()
        return b""
    job = Job(self, event)
    answer = job.run()
    if job.failed and response_headers is not None:
        response_headers["x-amz-function-error"] = "Unhandled"
    return answer


def later(function, event):
    """An asynchronous invocation: three tries, as Lambda's are by default."""
    for pause in (1, 2, None):
        job = Job(function, event)
        job.run()
        if not job.failed or pause is None:
            return
        time.sleep(pause)


class CustomResource(CloudFormationModel):
    """A resource that a function of the template provides."""

    def __init__(self, physical, data):
        self.physical_resource_id, self.data = physical, data or {}

    @staticmethod
    def cloudformation_type():
        return "AWS::CloudFormation::CustomResource"

    @staticmethod
    def cloudformation_name_type():
        return ""

    @classmethod
    def has_cfn_attr(cls, attr):
        return True

    def get_cfn_attribute(self, attr):
        return self.data.get(attr)

    def is_created(self):
        return True

    @classmethod
    def create_from_cloudformation_json(cls, name, json, account, region, **more):
        event = {"RequestType": "Create", "LogicalResourceId": more["LogicalId"], "StackId": more["StackId"], "ResourceType": more["ResourceType"]}
        try:
            answer = ask(account, region, event, json["Properties"])
        except Cancelled as error:  # There is something to delete all the same.
            error.made = cls(f"{more['LogicalId']}-{uuid.uuid4().hex[:12]}", None)
            error.made.event, error.made.properties = event, json["Properties"]
            raise
        made = cls(answer.get("PhysicalResourceId"), answer.get("Data"))
        made.event, made.properties = event, json["Properties"]
        return made

    @classmethod
    def update_from_cloudformation_json(cls, original_resource, new_resource_name, cloudformation_json, account_id, region_name):
        there, properties = original_resource, cloudformation_json["Properties"]
        event = dict(there.event, RequestType="Update", PhysicalResourceId=there.physical_resource_id, OldResourceProperties=there.properties)
        answer = ask(account_id, region_name, event, properties)
        after = cls(answer.get("PhysicalResourceId"), answer.get("Data"))
        after.event, after.properties = there.event, properties
        return after

    def delete(self, account, region):
        event = dict(self.event, RequestType="Delete", PhysicalResourceId=self.physical_resource_id)
        ask(account, region, event, self.properties)


class Response(http.server.BaseHTTPRequestHandler):
    """Where a custom resource's answer is put (the pre-signed URL of S3 on AWS)."""

    def log_message(self, *_):
        pass

    def do_PUT(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()
        self.server.answer = json.loads(body)
        self.server.got.set()


def strings(value):
    """CloudFormation hands numbers and switches to custom resources as texts."""
    if isinstance(value, dict):
        return {k: strings(v) for k, v in value.items()}
    if isinstance(value, list):
        return [strings(v) for v in value]
    if isinstance(value, bool):
        return "true" if value else "false"
    return value if isinstance(value, str) else str(value)


def ask(account, region, event, properties):
    from moto.awslambda.utils import get_backend

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Response)
    server.got, server.answer = threading.Event(), None
    threading.Thread(target=server.serve_forever, daemon=True).start()
    properties = strings(properties)
    token = properties["ServiceToken"]
    event = dict(event, ServiceToken=token, RequestId=str(uuid.uuid4()), ResourceProperties=properties,
                 ResponseURL=f"http://127.0.0.1:{server.server_address[1]}/response")
    if "OldResourceProperties" in event:
        event["OldResourceProperties"] = strings(event["OldResourceProperties"])
    function = get_backend(account, region).get_function(token)
    function.invoke(json.dumps(event), {"x-amz-invocation-type": "Event"}, {})
    until = time.time() + int(properties.get("ServiceTimeout") or 3600)
    while not server.got.wait(0.1):
        if time.time() > until:
            raise ValueError("CloudFormation did not receive a response from your Custom Resource")
        if event["RequestType"] == "Create":
            WORK.check()  # A late answer is taken, and ignored.
    server.shutdown()
    server.server_close()
    if server.answer.get("Status") != "SUCCESS":
        raise ValueError(f"Received response status [FAILED] from custom resource. Message returned: {server.answer.get('Reason')}")
    return server.answer


def install():
    LambdaFunction.invoke = invoke

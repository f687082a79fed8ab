"""Schedules of EventBridge Scheduler, whose time comes when a test says so."""

import json
import os
import uuid

import boto3
from moto.core.common_models import CloudFormationModel

ALL = {}  # name -> target


class Schedule(CloudFormationModel):
    def __init__(self, properties):
        self.physical_resource_id = properties["Name"]
        ALL[self.physical_resource_id] = properties["Target"]

    @staticmethod
    def cloudformation_type():
        return "AWS::Scheduler::Schedule"

    @staticmethod
    def cloudformation_name_type():
        return "Name"

    def is_created(self):
        return True

    @classmethod
    def create_from_cloudformation_json(cls, name, json, account, region, **_):
        return cls(json["Properties"])

    @classmethod
    def update_from_cloudformation_json(cls, original_resource, new_resource_name, cloudformation_json, account_id, region_name):
        ALL[original_resource.physical_resource_id] = cloudformation_json["Properties"]["Target"]
        return original_resource

    def delete(self, account, region):
        del ALL[self.physical_resource_id]


def fire(word):
    """Calls the target of the schedule with a word in its name: Step Functions by a universal target."""
    name = next(each for each in ALL if word in each)
    target = ALL[name]
    if not target["Arn"].endswith(":scheduler:::aws-sdk:sfn:startExecution"):
        raise ValueError(f"no target {target['Arn']} here")
    request = json.loads(target["Input"].replace("<aws.scheduler.execution-id>", uuid.uuid4().hex[:16]))
    c = boto3.client("stepfunctions", region_name=os.environ["AWS_REGION"], endpoint_url=os.environ["EMULATOR_ENDPOINT"])
    c.start_execution(stateMachineArn=request["StateMachineArn"], name=request["Name"], input=request["Input"])
    return name

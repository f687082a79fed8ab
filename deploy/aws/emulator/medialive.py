"""AWS::MediaLive::*, provisioned through an endpoint that answers as MediaLive does."""

import os
import time

import boto3
from moto.core.common_models import CloudFormationModel


def client(region):
    return boto3.client("medialive", region_name=region, endpoint_url=os.environ["LILO_ENDPOINT"],
                        aws_access_key_id="test", aws_secret_access_key="test")


def members(properties, shape):
    """The properties as the API's parameters: unknown ones are refused, as CloudFormation does."""
    unknown = set(properties) - set(shape.members)
    if unknown:
        raise ValueError(f"Encountered unsupported property {sorted(unknown)[0]}")
    return typed(properties, shape)


def typed(value, shape):
    """A template has numbers and switches as texts, too."""
    if shape.type_name == "structure":
        unknown = set(value) - set(shape.members)
        if unknown:
            raise ValueError(f"Encountered unsupported property {sorted(unknown)[0]} in {shape.name}")
        return {k: typed(v, shape.members[k]) for k, v in value.items()}
    if shape.type_name == "list":
        return [typed(v, shape.member) for v in value]
    if shape.type_name == "map":
        return {k: typed(v, shape.value) for k, v in value.items()}
    if shape.type_name in ("integer", "long"):
        return int(value)
    if shape.type_name in ("double", "float"):
        return float(value)
    if shape.type_name == "boolean":
        return value in (True, "true")
    return str(value)


class Resource(CloudFormationModel):
    """What inputs and channels have in common."""

    def __init__(self, region, answer):
        self.region, self.physical_resource_id, self.arn = region, answer["Id"], answer["Arn"]

    @classmethod
    def has_cfn_attr(cls, attr):
        return True

    def get_cfn_attribute(self, attr):
        if attr == "Arn":
            return self.arn
        raise ValueError(f"Attribute {attr} does not exist")

    def is_created(self):
        return True


class Input(Resource):
    @staticmethod
    def cloudformation_type():
        return "AWS::MediaLive::Input"

    @staticmethod
    def cloudformation_name_type():
        return "Name"

    @classmethod
    def create_from_cloudformation_json(cls, name, json, account, region, **_):
        c = client(region)
        p = dict(json["Properties"])
        p.setdefault("Name", name)
        return cls(region, c.create_input(**members(p, operation(c, "CreateInput")))["Input"])

    @classmethod
    def update_from_cloudformation_json(cls, original_resource, new_resource_name, cloudformation_json, account_id, region_name):
        c = client(region_name)
        p = {k: v for k, v in cloudformation_json["Properties"].items() if k not in ("Type", "Tags")}
        c.update_input(InputId=original_resource.physical_resource_id, **members(p, operation(c, "UpdateInput")))
        return original_resource

    def delete(self, account, region):
        c = client(region)
        c.delete_input(InputId=self.physical_resource_id)
        c.get_waiter("input_deleted").wait(InputId=self.physical_resource_id, WaiterConfig={"Delay": 1, "MaxAttempts": 60})


class Channel(Resource):
    @staticmethod
    def cloudformation_type():
        return "AWS::MediaLive::Channel"

    @staticmethod
    def cloudformation_name_type():
        return "Name"

    @classmethod
    def create_from_cloudformation_json(cls, name, json, account, region, **_):
        c = client(region)
        p = dict(json["Properties"])
        p.setdefault("Name", name)
        made = cls(region, c.create_channel(**members(p, operation(c, "CreateChannel")))["Channel"])
        made.settle(c)
        return made

    @classmethod
    def update_from_cloudformation_json(cls, original_resource, new_resource_name, cloudformation_json, account_id, region_name):
        c = client(region_name)
        p = {k: v for k, v in cloudformation_json["Properties"].items() if k not in ("ChannelClass", "Tags", "Vpc")}
        c.update_channel(ChannelId=original_resource.physical_resource_id, **members(p, operation(c, "UpdateChannel")))
        original_resource.settle(c)
        return original_resource

    def settle(self, c):
        """CloudFormation is done with a channel when it is IDLE."""
        for _ in range(120):
            state = c.describe_channel(ChannelId=self.physical_resource_id)["State"]
            if state == "IDLE":
                return
            if state.endswith("FAILED"):
                error = ValueError(f"Resource of type AWS::MediaLive::Channel is in state {state}")
                error.made = self
                raise error
            time.sleep(0.25)
        raise ValueError(f"the channel did not become IDLE: it is {state}")

    def delete(self, account, region):
        c = client(region)
        c.delete_channel(ChannelId=self.physical_resource_id)
        c.get_waiter("channel_deleted").wait(ChannelId=self.physical_resource_id, WaiterConfig={"Delay": 1, "MaxAttempts": 60})


def operation(c, name):
    return c.meta.service_model.operation_model(name).input_shape

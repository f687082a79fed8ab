"""Parameters of Systems Manager: their tags are a map in a template, which moto takes for a list."""

from moto.ssm.models import Parameter

create = Parameter.create_from_cloudformation_json.__func__


def listed(cls, resource_name, cloudformation_json, account_id, region_name, **more):
    properties = dict(cloudformation_json["Properties"])
    if isinstance(properties.get("Tags"), dict):
        properties["Tags"] = [{"Key": k, "Value": v} for k, v in properties["Tags"].items()]
    return create(cls, resource_name, dict(cloudformation_json, Properties=properties), account_id, region_name, **more)


def install():
    Parameter.create_from_cloudformation_json = classmethod(listed)

"""Change sets that are gone: the CDK asks for them, and knows them by an error that is not moto's."""

from moto.cloudformation.exceptions import CloudFormationError, ValidationError
from moto.cloudformation.models import CloudFormationBackend

describe = CloudFormationBackend.describe_change_set


class ChangeSetNotFound(CloudFormationError):
    code = "ChangeSetNotFound"


def found(self, change_set_name, *more, **named):
    try:
        return describe(self, change_set_name, *more, **named)
    except ValidationError as error:
        raise ChangeSetNotFound(f"ChangeSet [{change_set_name}] does not exist") from error


def install():
    CloudFormationBackend.describe_change_set = found

"""State machines that really run, those of a template among them."""

from moto.core.config import default_user_config


def install():
    default_user_config["stepfunctions"]["execute_state_machine"] = True
    from moto.stepfunctions import models
    from moto.stepfunctions.parser.models import stepfunctions_parser_backends

    # What CloudFormation creates goes where executions are looked for.
    models.stepfunctions_backends = stepfunctions_parser_backends

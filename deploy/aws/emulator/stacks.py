"""Stacks as CloudFormation handles them, on top of moto's resources.

moto creates resources in whatever order it meets them, knows no rollback, and
replaces a nested stack where it should update it. What the automation stack is
there for (stop before update, stop before delete) is a matter of order, so the
order is made here: by dependency going up, reversed going down, with an event
for each step, a rollback when one fails, and removals behind the updates. A deletion
cancels a creation, or the rollback of one, and takes over what there is: what
waits for an answer waits no longer, while whoever owes it may work on.
"""

import copy
import re
import threading
import traceback
import urllib.parse

from botocore.exceptions import ClientError
from moto.cloudformation import models, parsing, responses
from moto.cloudformation.exceptions import ValidationError
from moto.cloudformation.models import CloudFormationBackend, Event, Stack
from moto.cloudformation.utils import get_stack_from_s3_url as from_url
from moto.core.common_models import CloudFormationModel
from moto.s3.models import s3_backends

DELETED = []  # stack/resource for each deletion that was begun, in order
RECORDED = {}  # type of resource that moto lacks -> how many were only recorded


class Failed(Exception):
    """A resource could not be brought to where the template wants it."""


class Cancelled(Failed):
    """A creation, or its rollback, that a deletion ends."""

    def __init__(self):
        super().__init__("Resource creation cancelled")


class Work(threading.local):
    """What this thread works on: a root stack, which a deletion may cancel."""

    cancelled = None  # an Event

    def check(self):
        if self.cancelled is not None and self.cancelled.is_set():
            raise Cancelled


WORK = Work()


class Recorded(CloudFormationModel):
    """A resource of a type that neither moto nor LILO provides: it is written down, nothing more."""

    def __init__(self, name, properties, account, region):
        self.physical_resource_id = name
        self.properties = properties
        self.arn = f"arn:aws:recorded:{region}:{account}:{name}"

    @classmethod
    def has_cfn_attr(cls, attr):
        return True

    def get_cfn_attribute(self, attr):
        return self.arn if attr == "Arn" else f"{self.physical_resource_id}.{attr}"

    @classmethod
    def create_from_cloudformation_json(cls, name, json, account, region, **_):
        kind = json["Type"]
        RECORDED[kind] = RECORDED.get(kind, 0) + 1
        return cls(name, json.get("Properties", {}), account, region)

    @classmethod
    def update_from_cloudformation_json(cls, original_resource, new_resource_name, cloudformation_json, account_id, region_name):
        original_resource.properties = cloudformation_json.get("Properties", {})
        return original_resource

    @classmethod
    def delete_from_cloudformation_json(cls, name, json, account, region):
        """Nothing is left of what was only written down."""

    def is_created(self):
        return True


def class_of(kind):
    """The model of a type of resource: ours, moto's, or a mere record."""
    for model in below(CloudFormationModel):
        try:
            if model.cloudformation_type() == kind:
                return model
        except TypeError:
            continue
    if kind.startswith("Custom::"):
        return class_of("AWS::CloudFormation::CustomResource")
    return Recorded


def below(model):
    """All models, those that inherit from others too."""
    for each in model.__subclasses__():
        yield each
        yield from below(each)


def references(value, names):
    """The logical names that a part of a template refers to."""
    found = set()
    if isinstance(value, dict):
        if isinstance(value.get("Ref"), str):
            found.add(value["Ref"])
        att = value.get("Fn::GetAtt")
        if att:
            found.add(att[0] if isinstance(att, list) else att.split(".")[0])
        sub = value.get("Fn::Sub")
        if sub:
            text = sub if isinstance(sub, str) else sub[0]
            found.update(part.split(".")[0] for part in re.findall(r"\$\{([^!}]+)\}", text))
        for each in value.values():
            found |= references(each, names)
    elif isinstance(value, list):
        for each in value:
            found |= references(each, names)
    return found & names


def in_order(resources):
    """Logical names, each behind all that it depends on."""
    names = set(resources)
    needs = {}
    for name, resource in resources.items():
        explicit = resource.get("DependsOn", [])
        explicit = [explicit] if isinstance(explicit, str) else explicit
        needs[name] = (references(resource.get("Properties", {}), names) | (set(explicit) & names)) - {name}
    order = []
    while needs:
        free = sorted(name for name, on in needs.items() if not on - set(order))
        if not free:
            raise Failed(f"Circular dependency between resources: {sorted(needs)}")
        order += free
        for name in free:
            del needs[name]
    return order


def given(template, parameters):
    """The parameters that are given. For one of Systems Manager whose previous value is to
    be used, moto gives what it resolved to, not its name: the template's own name is used."""
    kinds = {name: slot.get("Type", "") for name, slot in template.get("Parameters", {}).items()}
    return {name: value for name, value in (parameters or {}).items()
            if not kinds.get(name, "").startswith("AWS::SSM::") or str(value).startswith("/")}


class Deployment:
    """What is done to one stack, and what it was before."""

    def __init__(self, stack):
        self.stack, self.map = stack, stack.resource_map
        if not hasattr(stack, "settled"):
            stack.settled = {}  # logical name -> resolved definition, of what is there

    def event(self, name, status, reason=None):
        resource = self.map._resource_json_map.get(name, {})
        there = self.map._parsed_resources.get(name)
        self.stack.events.append(Event(
            stack_id=self.stack.stack_id, stack_name=self.stack.name, logical_resource_id=name,
            physical_resource_id=getattr(there, "physical_resource_id", "") or "", resource_type=resource.get("Type", ""),
            resource_status=status, resource_status_reason=reason, resource_properties=None))

    def load(self, template, parameters):
        self.map._template = self.stack.template_dict = template
        self.map._resource_json_map = template["Resources"]
        self.map.input_parameters = self.stack.parameters = given(template, parameters)
        self.map.load_mapping()
        self.map.load_parameters()
        self.map.load_conditions()

    def wanted(self, template):
        """The resources whose conditions hold."""
        conditions = self.map.lazy_condition_map
        return {n: r for n, r in template["Resources"].items() if r.get("Condition") is None or conditions[r["Condition"]]}

    def resolved(self, resource):
        return parsing.clean_json(copy.deepcopy({k: v for k, v in resource.items() if k in ("Type", "Properties")}), self.map)

    def go(self, template, parameters):
        """Creates what is new and updates what changed, in order."""
        self.load(template, parameters)
        for name in in_order(self.wanted(template)):
            WORK.check()
            resource = template["Resources"][name]
            if name in self.stack.settled:
                self.change(name, resource)
            else:
                self.add(name, resource)
        self.stack.output_map = self.stack._create_output_map()
        for output in self.stack.output_map:
            self.stack.output_map[output]

    def add(self, name, resource):
        self.event(name, "CREATE_IN_PROGRESS")
        try:
            want = self.resolved(resource)
            self.map._parsed_resources[name] = self.make(name, resource)
            self.stack.settled[name] = want
        except Exception as error:
            made = getattr(error, "made", None)
            if made is not None:  # It is there, if not as it should be: the rollback deletes it.
                made.logical_resource_id, made.cf_resource_type = name, resource["Type"]
                self.map._parsed_resources[name], self.stack.settled[name] = made, want
            self.event(name, "CREATE_FAILED", text(error))
            if isinstance(error, Cancelled):
                raise
            raise Failed(f"The following resource(s) failed to create: [{name}].") from error
        self.event(name, "CREATE_COMPLETE")

    def make(self, name, resource):
        made = parsing.parse_and_create_resource(name, copy.deepcopy(resource), self.map, self.map._account_id, self.map._region_name)
        if not getattr(made, "physical_resource_id", None):  # moto gives some none, such as permissions.
            made.physical_resource_id = f"{self.stack.name}-{name}"
        return made

    def change(self, name, resource):
        want, nested = self.resolved(resource), resource["Type"] == "AWS::CloudFormation::Stack"
        if want == self.stack.settled[name]:
            return
        self.event(name, "UPDATE_IN_PROGRESS")
        try:
            self.map._parsed_resources[name] = self.alter(name, resource, want)
            self.stack.settled[name] = want
        except Exception as error:
            if nested:
                self.stack.settled[name] = dict(want, touched=True)  # so that the rollback goes into it
            self.event(name, "UPDATE_FAILED", text(error))
            raise Failed(f"The following resource(s) failed to update: [{name}].") from error
        self.event(name, "UPDATE_COMPLETE")

    def alter(self, name, resource, want):
        there = self.map._parsed_resources[name]
        model = class_of(resource["Type"])
        try:
            after = model.update_from_cloudformation_json(
                original_resource=there, new_resource_name=there.physical_resource_id, cloudformation_json=copy.deepcopy(want),
                account_id=self.map._account_id, region_name=self.map._region_name)
        except NotImplementedError:
            after = None
        if after is None:  # It cannot be updated: replaced, and the old one goes behind the updates.
            del self.map._parsed_resources[name]
            after = self.make(name, resource)
            self.stack.replaced.append((name, there, self.stack.settled[name]))
        after.logical_resource_id, after.cf_resource_type = name, resource["Type"]
        return after

    def sweep(self, template):
        """Deletes what the template has no more, and what was replaced."""
        for name, there, was in reversed(self.stack.replaced):
            self.unmake(there, was)
        self.stack.replaced = []
        wanted = self.wanted(template)
        for name in reversed(in_order(self.stack.settled)):
            if name not in wanted:
                self.drop(name)

    def clear(self, check=lambda: None):
        """Deletes everything, what depends on others first, and checks before each whether to go on."""
        graph = {n: self.map._resource_json_map[n] for n in self.stack.settled}
        failed = []
        blocked = set()
        for name in reversed(in_order(graph)):
            if name in blocked:
                continue
            check()
            if graph[name].get("DeletionPolicy") in ("Retain", "RetainExceptOnCreate"):
                self.event(name, "DELETE_SKIPPED")
                del self.stack.settled[name]
                continue
            try:
                self.drop(name)
            except Exception:
                failed.append(name)
                blocked |= upstream(name, graph)
        if failed:
            raise Failed(f"The following resource(s) failed to delete: [{', '.join(failed)}]. ")

    def drop(self, name):
        there = self.map._parsed_resources.get(name)
        self.event(name, "DELETE_IN_PROGRESS")
        DELETED.append(f"{self.stack.name}/{name}")
        try:
            self.unmake(there, self.stack.settled[name])
        except Exception as error:
            self.event(name, "DELETE_FAILED", text(error))
            raise
        self.event(name, "DELETE_COMPLETE")
        del self.stack.settled[name]
        self.map._parsed_resources.pop(name, None)

    def unmake(self, there, was):
        if there is None:
            return
        account, region = self.map._account_id, self.map._region_name
        if isinstance(there, Stack):
            remove(there)
            return
        if callable(getattr(there, "delete", None)):
            try:
                there.delete(account, region)
                return
            except TypeError:
                pass
        class_of(was["Type"]).delete_from_cloudformation_json(there.physical_resource_id, was, account, region)


def upstream(name, graph):
    """All that a resource depends on: it stays while the resource does."""
    found, names = set(), set(graph)
    front = [name]
    while front:
        resource = graph[front.pop()]
        explicit = resource.get("DependsOn", [])
        explicit = [explicit] if isinstance(explicit, str) else explicit
        for each in (references(resource.get("Properties", {}), names) | (set(explicit) & names)) - found:
            found.add(each)
            front.append(each)
    return found


def text(error):
    """Why something failed: what the service said, or where the emulator itself went wrong."""
    if not isinstance(error, (Failed, ValueError, ClientError)) and not hasattr(error, "code"):
        traceback.print_exception(error)
    return str(getattr(error, "message", None) or error) or type(error).__name__


def status(stack, value, reason=None):
    stack.status = value
    stack.status_reason = reason
    stack._add_stack_event(value, resource_status_reason=reason)


def create(stack):
    """Creates a stack of which template and parameters are set; undoes it where it fails."""
    stack.replaced = []
    d = Deployment(stack)
    try:
        d.go(stack.template_dict, stack.parameters)
        WORK.check()
    except Cancelled:
        raise  # The deletion takes over.
    except Exception as error:
        undo(stack, d, error)
        raise Failed(text(error)) from error
    status(stack, "CREATE_COMPLETE")


def undo(stack, d, error):
    status(stack, "ROLLBACK_IN_PROGRESS", text(error))
    try:
        d.clear(WORK.check)
        status(stack, "ROLLBACK_COMPLETE")
    except Cancelled:
        raise
    except Exception as second:
        status(stack, "ROLLBACK_FAILED", text(second))


def update(stack, template, parameters):
    """Updates a stack, and takes it back to what it was where that fails."""
    was = (stack.template_dict, dict(stack.parameters or {}), stack.template)
    stack.replaced = []
    d = Deployment(stack)
    try:
        d.go(template, parameters)
        status(stack, "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS")
        d.sweep(template)
    except Exception as error:
        status(stack, "UPDATE_ROLLBACK_IN_PROGRESS", text(error))
        try:
            d.go(was[0], was[1])
            d.sweep(was[0])
            stack.template = was[2]
            status(stack, "UPDATE_ROLLBACK_COMPLETE")
        except Exception as second:
            status(stack, "UPDATE_ROLLBACK_FAILED", text(second))
        raise Failed(text(error)) from error
    status(stack, "UPDATE_COMPLETE")


def remove(stack):
    backend = models.cloudformation_backends[stack.account_id][stack.region_name]
    stack.status = "DELETE_IN_PROGRESS"
    stack._add_stack_event("DELETE_IN_PROGRESS", resource_status_reason="User Initiated")
    try:
        Deployment(stack).clear()
    except Exception as error:
        status(stack, "DELETE_FAILED", text(error))
        raise
    status(stack, "DELETE_COMPLETE")
    backend.stacks.pop(stack.stack_id, None)
    backend.deleted_stacks[stack.stack_id] = stack


def apart(work, stack, *args):
    """Has a root stack worked on while its status is polled, by one thread at a time."""
    if not hasattr(stack, "turn"):
        stack.turn, stack.cancelled = threading.Lock(), threading.Event()
    if work is remove:
        stack.cancelled.set()

    def run():
        with stack.turn:
            WORK.cancelled = None if work is remove else stack.cancelled
            try:
                work(stack, *args)
            except Failed:
                pass  # The stack's events tell it.
    threading.Thread(target=run, daemon=True).start()


def execute_change_set(self, change_set_name, stack_name=None):
    change = self.describe_change_set(change_set_name)
    stack = self.stacks[change.stack_id]
    kind = change.change_set_type
    stack.status = f"{kind}_IN_PROGRESS"
    stack._add_stack_event(stack.status, resource_status_reason="User Initiated")
    change.execution_status = "EXECUTE_COMPLETE"
    if kind == "CREATE":
        stack.template, stack.template_dict, stack.parameters = change.template, change.template_dict, change.parameters
        apart(create, stack)
    else:
        stack.template = change.template
        apart(update, stack, change.template_dict, change.parameters)


def create_stack(self, name, template, parameters, tags=None, **_):
    """A root stack, which is worked on while its status is polled."""
    if any(s.name == name for s in self.stacks.values()):
        raise ValidationError(name, message=f"Stack [{name}] already exists")
    stack = new_stack(self, name, template, parameters, tags)
    apart(create, stack)
    return stack


def update_stack(self, name, template, role_arn, parameters, tags):
    stack = self.get_stack(name)
    if stack.template == template:
        raise ValidationError(name, message="No updates are to be performed.")
    stack.template, stack.status = template, "UPDATE_IN_PROGRESS"
    stack._add_stack_event("UPDATE_IN_PROGRESS", resource_status_reason="User Initiated")
    apart(update, stack, Stack.parse_template(template), self._resolve_update_parameters(instance=stack, incoming_params=parameters))
    return stack


def create_nested(cls, resource_name, cloudformation_json, account_id, region_name, **_):
    """A nested stack: whoever asks waits for it."""
    properties = cloudformation_json["Properties"]
    body = models.get_stack_from_s3_url(properties["TemplateURL"], account_id=account_id, partition="aws")
    stack = new_stack(models.cloudformation_backends[account_id][region_name], resource_name, body, properties.get("Parameters", {}), None)
    try:
        create(stack)
    except Failed as error:
        error.made = stack
        raise
    return stack


def new_stack(self, name, template, parameters, tags):
    stack_id = models.generate_stack_id(name, self.region_name, self.account_id)
    stack = Stack(stack_id=stack_id, name=name, template=template, parameters=parameters, account_id=self.account_id,
                  region_name=self.region_name, tags=tags, cross_stack_resources=self.exports)
    stack.output_map = {}  # To look at one makes what it is of.
    self.stacks[stack_id] = stack
    stack.status = "CREATE_IN_PROGRESS"
    stack._add_stack_event("CREATE_IN_PROGRESS", resource_status_reason="User Initiated")
    return stack


def update_nested(cls, original_resource, new_resource_name, cloudformation_json, account_id, region_name):
    properties = cloudformation_json["Properties"]
    body = models.get_stack_from_s3_url(properties["TemplateURL"], account_id=account_id, partition="aws")
    stack = original_resource
    stack.status = "UPDATE_IN_PROGRESS"
    stack._add_stack_event("UPDATE_IN_PROGRESS", resource_status_reason="User Initiated")
    template = Stack.parse_template(body)
    update(stack, template, properties.get("Parameters", {}))
    stack.template = body
    return stack


def delete_stack(self, name_or_stack_id):
    for stack in list(self.stacks.values()):
        if name_or_stack_id in (stack.stack_id, stack.name):
            if stack.status.endswith("DELETE_IN_PROGRESS"):
                return
            if stack.status.startswith("UPDATE_") and stack.status.endswith("IN_PROGRESS"):
                raise ValidationError(stack.name, message=f"Stack [{stack.name}] cannot be deleted while in status {stack.status}")
            stack.status = "DELETE_IN_PROGRESS"
            apart(remove, stack)


def there(self):
    """The resources that there are; moto's own list would make those that there are not."""
    made = self.resource_map._parsed_resources
    return [made[name] for name in getattr(self, "settled", {}) if name in made]


def output(self, attribute):
    """Fn::GetAtt of a nested stack: Outputs.NAME."""
    return self.output_map[attribute.split(".", 1)[1]].value


def statuses(region):
    """The status of every stack that is not the CDK's own, by its name."""
    found = {}
    for _, regions in models.cloudformation_backends.items():
        for stack in list(regions[region].stacks.values()):
            if stack.name != "CDKToolkit":
                found[stack.name] = stack.status
    return found


def template_of(url, account_id, partition):
    """The template at a URL: of S3, or of this very endpoint, which has the bucket in the path."""
    parts = urllib.parse.urlparse(url)
    if parts.hostname.endswith("amazonaws.com"):
        return from_url(url, account_id=account_id, partition=partition)
    bucket, key = parts.path.lstrip("/").split("/", 1)
    return s3_backends[account_id][partition].get_object(bucket, key).value.decode()


def install():
    """Puts all this in the place of moto's own."""
    models.get_stack_from_s3_url = responses.get_stack_from_s3_url = template_of
    parsing.resource_class_from_type = class_of
    CloudFormationBackend.execute_change_set = execute_change_set
    CloudFormationBackend.create_stack = create_stack
    CloudFormationBackend.update_stack = update_stack
    Stack.create_from_cloudformation_json = classmethod(create_nested)
    CloudFormationBackend.delete_stack = delete_stack
    Stack.update_from_cloudformation_json = classmethod(update_nested)
    Stack.get_cfn_attribute = output
    Stack.physical_resource_id = property(lambda self: self.stack_id)
    Stack.stack_resources = property(there)

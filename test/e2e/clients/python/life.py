"""The life of a channel, with boto3: python life.py ENDPOINT SOURCE DESTINATION TIME."""

import sys
import time

import boto3
from botocore.exceptions import ClientError

endpoint, source, destination, later = sys.argv[1:]
medialive = boto3.client(
    "medialive",
    endpoint_url=endpoint,
    region_name="us-east-1",
    aws_access_key_id="AKIDEXAMPLE",
    aws_secret_access_key="secret",
)


def wait(state, **resource):
    medialive.get_waiter(state).wait(**resource, WaiterConfig={"Delay": 1})


def refused(operation, **request):
    try:
        operation(**request)
        print("accepted")
    except ClientError as e:
        print(f"{e.response['Error']['Code']}: {e.response['Error']['Message']}")
        for fault in e.response.get("ValidationErrors", []):
            print(f"  {fault['ElementPath']}: {fault['ErrorMessage']}")


group = medialive.create_input_security_group(
    WhitelistRules=[{"Cidr": "10.0.0.0/8"}], Tags={"team": "news"}
)["SecurityGroup"]
print("security group", group["State"], group["WhitelistRules"][0]["Cidr"], group["Tags"]["team"])

files = [
    medialive.create_input(Name=name, Type="MP4_FILE", Sources=[{"Url": source}])["Input"]
    for name in ("one", "two")
]
pushed = medialive.create_input(Name="three", Type="UDP_PUSH", InputSecurityGroups=[group["Id"]])["Input"]
for one in (*files, pushed):
    print("input", one["Name"], one["Type"], one["State"], len(one["Sources"]), len(one["Destinations"]))
pages = medialive.get_paginator("list_inputs").paginate(PaginationConfig={"PageSize": 2})
print("pages", *(len(page["Inputs"]) for page in pages))
refused(medialive.delete_input_security_group, InputSecurityGroupId=group["Id"])

document = {
    "Name": "news",
    "ChannelClass": "SINGLE_PIPELINE",
    "RoleArn": "arn:aws:iam::000000000000:role/medialive",
    "InputSpecification": {"Codec": "AVC", "MaximumBitrate": "MAX_10_MBPS", "Resolution": "HD"},
    "InputAttachments": [
        {
            "InputAttachmentName": one["Name"],
            "InputId": one["Id"],
            "InputSettings": {"SourceEndBehavior": "LOOP"},
        }
        for one in files
    ],
    "Destinations": [{"Id": "out", "Settings": [{"Url": destination}]}],
    "EncoderSettings": {
        "TimecodeConfig": {"Source": "SYSTEMCLOCK"},
        "VideoDescriptions": [{"Name": "video"}],
        "AudioDescriptions": [{"Name": "audio", "AudioSelectorName": "audio"}],
        "OutputGroups": [
            {
                "OutputGroupSettings": {"UdpGroupSettings": {}},
                "Outputs": [
                    {
                        "OutputName": "ts",
                        "VideoDescriptionName": "video",
                        "AudioDescriptionNames": ["audio"],
                        "OutputSettings": {
                            "UdpOutputSettings": {
                                "Destination": {"DestinationRefId": "out"},
                                "ContainerSettings": {"M2tsSettings": {"PmtPid": "480"}},
                            }
                        },
                    }
                ],
            }
        ],
    },
    "Tags": {"stage": "test"},
}
refused(medialive.create_channel, **{**document, "Destinations": [{"Id": "other", "Settings": [{"Url": destination}]}]})
channel = medialive.create_channel(**document)["Channel"]
print("channel", channel["State"])
me = {"ChannelId": channel["Id"]}
wait("channel_created", **me)
for one in files:
    wait("input_attached", InputId=one["Id"])

medialive.create_tags(ResourceArn=channel["Arn"], Tags={"team": "news", "cost": "1"})
medialive.delete_tags(ResourceArn=channel["Arn"], TagKeys=["cost"])
print("tags", *sorted(medialive.list_tags_for_resource(ResourceArn=channel["Arn"])["Tags"]))

print("start", medialive.start_channel(**me)["State"])
wait("channel_running", **me)
running = medialive.describe_channel(**me)
output = running["EncoderSettings"]["OutputGroups"][0]["Outputs"][0]["OutputSettings"]["UdpOutputSettings"]
print("running", running["PipelinesRunningCount"], running["PipelineDetails"][0]["ActiveInputAttachmentName"])
print("pmt", output["ContainerSettings"]["M2tsSettings"]["PmtPid"])

change = medialive.batch_update_schedule(
    **me,
    Creates={
        "ScheduleActions": [
            {
                "ActionName": "to two",
                "ScheduleActionSettings": {"InputSwitchSettings": {"InputAttachmentNameReference": "two"}},
                "ScheduleActionStartSettings": {"ImmediateModeScheduleActionStartSettings": {}},
            },
            {
                "ActionName": "to one",
                "ScheduleActionSettings": {"InputSwitchSettings": {"InputAttachmentNameReference": "one"}},
                "ScheduleActionStartSettings": {"FixedModeScheduleActionStartSettings": {"Time": later}},
            },
        ]
    },
)
print("created", ", ".join(a["ActionName"] for a in change["Creates"]["ScheduleActions"]))
pages = medialive.get_paginator("describe_schedule").paginate(**me, PaginationConfig={"PageSize": 1})
print("schedule", ", ".join(a["ActionName"] for page in pages for a in page["ScheduleActions"]))
medialive.batch_update_schedule(**me, Deletes={"ActionNames": ["to one"]})
while medialive.describe_channel(**me)["PipelineDetails"][0]["ActiveInputAttachmentName"] != "two":
    time.sleep(0.1)
print("switched")

refused(medialive.delete_channel, **me)
refused(medialive.describe_channel, ChannelId="7")

print("stop", medialive.stop_channel(**me)["State"])
wait("channel_stopped", **me)
updated = medialive.update_channel(**me, Name="late news", InputAttachments=document["InputAttachments"][:1])["Channel"]
print("update", updated["State"], updated["Name"], len(updated["InputAttachments"]))
wait("channel_stopped", **me)
print("rename", medialive.update_input(InputId=files[0]["Id"], Name="first")["Input"]["Name"])
rules = medialive.update_input_security_group(
    InputSecurityGroupId=group["Id"], WhitelistRules=[{"Cidr": "192.0.2.0/24"}]
)["SecurityGroup"]["WhitelistRules"]
print("rules", *(rule["Cidr"] for rule in rules))

print("delete", medialive.delete_channel(**me)["State"])
wait("channel_deleted", **me)
for one in (*files, pushed):
    wait("input_detached", InputId=one["Id"])
    medialive.delete_input(InputId=one["Id"])
    wait("input_deleted", InputId=one["Id"])
medialive.delete_input_security_group(InputSecurityGroupId=group["Id"])
print("left", len(medialive.list_channels()["Channels"]), len(medialive.list_inputs()["Inputs"]))

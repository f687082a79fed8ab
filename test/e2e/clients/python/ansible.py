"""The calls of Ansible's module for channels, with boto3: python ansible.py ENDPOINT SOURCE DESTINATION TIME.

Collections with this module are not yet published, so that its calls stand here. A play runs twice, changes the
channel and its tags, and takes it away.
"""

import sys
import uuid

import boto3

endpoint, source, destination, _ = sys.argv[1:]
medialive = boto3.client(
    "medialive",
    endpoint_url=endpoint,
    region_name="us-east-1",
    aws_access_key_id="AKIDEXAMPLE",
    aws_secret_access_key="secret",
)


def find(name):
    pages = medialive.get_paginator("list_channels").paginate()
    found = [c["Id"] for page in pages for c in page.get("Channels", []) if c.get("Name") == name]
    return medialive.describe_channel(ChannelId=found[0]) if found else {}


def wait(state, channel):
    medialive.get_waiter(state).wait(ChannelId=channel, WaiterConfig={"Delay": 5, "MaxAttempts": 12})


def present(tags, **members):
    channel = find(members["Name"])
    if not channel:
        made = medialive.create_channel(
            **members, ChannelClass="SINGLE_PIPELINE", Tags=tags, RequestId=str(uuid.uuid4())
        )["Channel"]
        wait("channel_created", made["Id"])
        print("created", medialive.describe_channel(ChannelId=made["Id"])["State"])
        return
    changed = sorted(name for name, value in members.items() if channel[name] != value)
    print("differs in", *changed)
    if not changed:
        return
    updated = medialive.update_channel(ChannelId=channel["Id"], **members)["Channel"]
    medialive.create_tags(ResourceArn=updated["Arn"], Tags=tags)
    if surplus := sorted(updated["Tags"].keys() - tags.keys()):
        medialive.delete_tags(ResourceArn=updated["Arn"], TagKeys=surplus)
    print("updated", medialive.describe_channel(ChannelId=channel["Id"])["Tags"])


def absent(name):
    channel = find(name)
    medialive.delete_channel(ChannelId=channel["Id"])
    wait("channel_deleted", channel["Id"])
    print("deleted", find(name))


file = medialive.create_input(Name="news", Type="MP4_FILE", Sources=[{"Url": source}])["Input"]
play = {
    "Name": "news",
    "LogLevel": "INFO",
    "RoleArn": "arn:aws:iam::000000000000:role/medialive",
    "InputSpecification": {"Codec": "AVC", "MaximumBitrate": "MAX_10_MBPS", "Resolution": "HD"},
    "InputAttachments": [{"InputAttachmentName": "news", "InputId": file["Id"]}],
    "Destinations": [{"Id": "out", "Settings": [{"Url": destination}]}],
    "EncoderSettings": {
        "TimecodeConfig": {"Source": "SYSTEMCLOCK"},
        "VideoDescriptions": [{"Name": "video"}],
        "AudioDescriptions": [],
        "OutputGroups": [
            {
                "OutputGroupSettings": {"UdpGroupSettings": {}},
                "Outputs": [
                    {
                        "VideoDescriptionName": "video",
                        "OutputSettings": {
                            "UdpOutputSettings": {
                                "Destination": {"DestinationRefId": "out"},
                                "ContainerSettings": {"M2tsSettings": {}},
                            }
                        },
                    }
                ],
            }
        ],
    },
}
present({"team": "news", "cost": "1"}, **play)
# The module sees the defaults of the service as differences, unless the play has them, too.
present({"team": "news", "cost": "1"}, **play)
channel = find("news")
play = {name: channel[name] for name in play}
present({"team": "news", "cost": "1"}, **play)
present({"team": "sports"}, **{**play, "LogLevel": "DEBUG"})
absent("news")

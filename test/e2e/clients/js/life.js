// The life of a channel, with aws-sdk-js v3: node life.js ENDPOINT SOURCE DESTINATION TIME.
import { setTimeout as sleep } from "node:timers/promises";

import {
  MediaLive,
  paginateDescribeSchedule,
  paginateListInputs,
  waitUntilChannelCreated,
  waitUntilChannelDeleted,
  waitUntilChannelRunning,
  waitUntilChannelStopped,
  waitUntilInputAttached,
  waitUntilInputDeleted,
  waitUntilInputDetached,
} from "@aws-sdk/client-medialive";

const [endpoint, source, destination, later] = process.argv.slice(2);
const client = new MediaLive({
  endpoint,
  region: "us-east-1",
  credentials: { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "secret" },
});
const waiting = { client, maxWaitTime: 60, minDelay: 1, maxDelay: 1 };
const say = (...words) => console.log(words.join(" "));

async function refused(call) {
  await call.then(
    () => say("accepted"),
    (error) => {
      say(`${error.name}: ${error.message}`);
      for (const fault of error.ValidationErrors ?? []) say(`  ${fault.ElementPath}: ${fault.ErrorMessage}`);
    },
  );
}

const group = (
  await client.createInputSecurityGroup({ WhitelistRules: [{ Cidr: "10.0.0.0/8" }], Tags: { team: "news" } })
).SecurityGroup;
say("security group", group.State, group.WhitelistRules[0].Cidr, group.Tags.team);

const files = [];
for (const Name of ["one", "two"]) {
  files.push((await client.createInput({ Name, Type: "MP4_FILE", Sources: [{ Url: source }] })).Input);
}
const pushed = (await client.createInput({ Name: "three", Type: "UDP_PUSH", InputSecurityGroups: [group.Id] })).Input;
for (const one of [...files, pushed]) {
  say("input", one.Name, one.Type, one.State, one.Sources.length, one.Destinations.length);
}
const pages = [];
for await (const page of paginateListInputs({ client, pageSize: 2 }, {})) pages.push(page.Inputs.length);
say("pages", ...pages);
await refused(client.deleteInputSecurityGroup({ InputSecurityGroupId: group.Id }));

const document = {
  Name: "news",
  ChannelClass: "SINGLE_PIPELINE",
  RoleArn: "arn:aws:iam::000000000000:role/medialive",
  InputSpecification: { Codec: "AVC", MaximumBitrate: "MAX_10_MBPS", Resolution: "HD" },
  InputAttachments: files.map((one) => ({
    InputAttachmentName: one.Name,
    InputId: one.Id,
    InputSettings: { SourceEndBehavior: "LOOP" },
  })),
  Destinations: [{ Id: "out", Settings: [{ Url: destination }] }],
  EncoderSettings: {
    TimecodeConfig: { Source: "SYSTEMCLOCK" },
    VideoDescriptions: [{ Name: "video" }],
    AudioDescriptions: [{ Name: "audio", AudioSelectorName: "audio" }],
    OutputGroups: [
      {
        OutputGroupSettings: { UdpGroupSettings: {} },
        Outputs: [
          {
            OutputName: "ts",
            VideoDescriptionName: "video",
            AudioDescriptionNames: ["audio"],
            OutputSettings: {
              UdpOutputSettings: {
                Destination: { DestinationRefId: "out" },
                ContainerSettings: { M2tsSettings: { PmtPid: "480" } },
              },
            },
          },
        ],
      },
    ],
  },
  Tags: { stage: "test" },
};
await refused(
  client.createChannel({ ...document, Destinations: [{ Id: "other", Settings: [{ Url: destination }] }] }),
);
const channel = (await client.createChannel(document)).Channel;
say("channel", channel.State);
const me = { ChannelId: channel.Id };
await waitUntilChannelCreated(waiting, me);
for (const one of files) await waitUntilInputAttached(waiting, { InputId: one.Id });

await client.createTags({ ResourceArn: channel.Arn, Tags: { team: "news", cost: "1" } });
await client.deleteTags({ ResourceArn: channel.Arn, TagKeys: ["cost"] });
say("tags", ...Object.keys((await client.listTagsForResource({ ResourceArn: channel.Arn })).Tags).sort());

say("start", (await client.startChannel(me)).State);
await waitUntilChannelRunning(waiting, me);
const running = await client.describeChannel(me);
const output = running.EncoderSettings.OutputGroups[0].Outputs[0].OutputSettings.UdpOutputSettings;
say("running", running.PipelinesRunningCount, running.PipelineDetails[0].ActiveInputAttachmentName);
say("pmt", output.ContainerSettings.M2tsSettings.PmtPid);

const change = await client.batchUpdateSchedule({
  ...me,
  Creates: {
    ScheduleActions: [
      {
        ActionName: "to two",
        ScheduleActionSettings: { InputSwitchSettings: { InputAttachmentNameReference: "two" } },
        ScheduleActionStartSettings: { ImmediateModeScheduleActionStartSettings: {} },
      },
      {
        ActionName: "to one",
        ScheduleActionSettings: { InputSwitchSettings: { InputAttachmentNameReference: "one" } },
        ScheduleActionStartSettings: { FixedModeScheduleActionStartSettings: { Time: later } },
      },
    ],
  },
});
say("created", change.Creates.ScheduleActions.map((action) => action.ActionName).join(", "));
const actions = [];
for await (const page of paginateDescribeSchedule({ client, pageSize: 1 }, me)) actions.push(...page.ScheduleActions);
say("schedule", actions.map((action) => action.ActionName).join(", "));
await client.batchUpdateSchedule({ ...me, Deletes: { ActionNames: ["to one"] } });
while ((await client.describeChannel(me)).PipelineDetails[0].ActiveInputAttachmentName !== "two") {
  await sleep(100);
}
say("switched");

await refused(client.deleteChannel(me));
await refused(client.describeChannel({ ChannelId: "7" }));

say("stop", (await client.stopChannel(me)).State);
await waitUntilChannelStopped(waiting, me);
const updated = (
  await client.updateChannel({ ...me, Name: "late news", InputAttachments: document.InputAttachments.slice(0, 1) })
).Channel;
say("update", updated.State, updated.Name, updated.InputAttachments.length);
await waitUntilChannelStopped(waiting, me);
say("rename", (await client.updateInput({ InputId: files[0].Id, Name: "first" })).Input.Name);
const { SecurityGroup } = await client.updateInputSecurityGroup({
  InputSecurityGroupId: group.Id,
  WhitelistRules: [{ Cidr: "192.0.2.0/24" }],
});
say("rules", ...SecurityGroup.WhitelistRules.map((rule) => rule.Cidr));

say("delete", (await client.deleteChannel(me)).State);
await waitUntilChannelDeleted(waiting, me);
for (const one of [...files, pushed]) {
  await waitUntilInputDetached(waiting, { InputId: one.Id });
  await client.deleteInput({ InputId: one.Id });
  await waitUntilInputDeleted(waiting, { InputId: one.Id });
}
await client.deleteInputSecurityGroup({ InputSecurityGroupId: group.Id });
say("left", (await client.listChannels({})).Channels.length, (await client.listInputs({})).Inputs.length);

//! The life of a channel, with Rust's SDK: life ENDPOINT SOURCE DESTINATION TIME.

use std::{error::Error, fmt::Debug, time::Duration};

use aws_sdk_medialive::{
    Client, Config,
    client::Waiters,
    config::{BehaviorVersion, Credentials, Region},
    error::{ProvideErrorMetadata, SdkError},
    operation::create_channel::{CreateChannelError, builders::CreateChannelFluentBuilder},
    types::*,
};

const PATIENCE: Duration = Duration::from_secs(60);

fn client(endpoint: &str) -> Client {
    Client::from_conf(
        Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .endpoint_url(endpoint)
            .region(Region::new("us-east-1"))
            .credentials_provider(Credentials::new(
                "AKIDEXAMPLE",
                "secret",
                None,
                None,
                "test",
            ))
            .http_client(aws_smithy_http_client::Builder::new().build_http())
            .build(),
    )
}

fn refused<T: Debug, E: ProvideErrorMetadata>(result: Result<T, SdkError<E>>) -> SdkError<E> {
    let error = result.expect_err("accepted");
    println!(
        "{}: {}",
        error.code().unwrap_or_default(),
        error.message().unwrap_or_default()
    );
    error
}

fn attachment(input: &Input) -> InputAttachment {
    InputAttachment::builder()
        .set_input_attachment_name(input.name.clone())
        .set_input_id(input.id.clone())
        .input_settings(
            InputSettings::builder()
                .source_end_behavior(InputSourceEndBehavior::Loop)
                .build(),
        )
        .build()
}

/// Describes the channel; its output goes to the destination "out".
fn channel(
    client: &Client,
    files: &[Input],
    destination_id: &str,
    url: &str,
) -> CreateChannelFluentBuilder {
    let ts = UdpOutputSettings::builder()
        .destination(
            OutputLocationRef::builder()
                .destination_ref_id("out")
                .build(),
        )
        .container_settings(
            UdpContainerSettings::builder()
                .m2ts_settings(M2tsSettings::builder().pmt_pid("480").build())
                .build(),
        )
        .build();
    let output = Output::builder()
        .output_name("ts")
        .video_description_name("video")
        .audio_description_names("audio")
        .output_settings(OutputSettings::builder().udp_output_settings(ts).build())
        .build();
    let group = OutputGroup::builder()
        .output_group_settings(
            OutputGroupSettings::builder()
                .udp_group_settings(UdpGroupSettings::builder().build())
                .build(),
        )
        .outputs(output)
        .build();
    let encoder = EncoderSettings::builder()
        .timecode_config(
            TimecodeConfig::builder()
                .source(TimecodeConfigSource::Systemclock)
                .build(),
        )
        .video_descriptions(VideoDescription::builder().name("video").build())
        .audio_descriptions(
            AudioDescription::builder()
                .name("audio")
                .audio_selector_name("audio")
                .build(),
        )
        .output_groups(group)
        .build();
    client
        .create_channel()
        .name("news")
        .channel_class(ChannelClass::SinglePipeline)
        .role_arn("arn:aws:iam::000000000000:role/medialive")
        .input_specification(
            InputSpecification::builder()
                .codec(InputCodec::Avc)
                .maximum_bitrate(InputMaximumBitrate::Max10Mbps)
                .resolution(InputResolution::Hd)
                .build(),
        )
        .set_input_attachments(Some(files.iter().map(attachment).collect()))
        .destinations(
            OutputDestination::builder()
                .id(destination_id)
                .settings(OutputDestinationSettings::builder().url(url).build())
                .build(),
        )
        .encoder_settings(encoder)
        .tags("stage", "test")
}

fn switch(name: &str, to: &str, start: ScheduleActionStartSettings) -> ScheduleAction {
    let input = InputSwitchScheduleActionSettings::builder()
        .input_attachment_name_reference(to)
        .build();
    ScheduleAction::builder()
        .action_name(name)
        .schedule_action_settings(
            ScheduleActionSettings::builder()
                .input_switch_settings(input)
                .build(),
        )
        .schedule_action_start_settings(start)
        .build()
}

fn names(actions: &[ScheduleAction]) -> String {
    actions
        .iter()
        .filter_map(ScheduleAction::action_name)
        .collect::<Vec<_>>()
        .join(", ")
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let args: Vec<String> = std::env::args().collect();
    let [_, endpoint, source, destination, later] = args.as_slice() else {
        return Err("give ENDPOINT SOURCE DESTINATION TIME".into());
    };
    let client = client(endpoint);

    let rule = InputWhitelistRuleCidr::builder().cidr("10.0.0.0/8").build();
    let made = client
        .create_input_security_group()
        .whitelist_rules(rule)
        .tags("team", "news")
        .send()
        .await?;
    let group = made.security_group.ok_or("no group")?;
    println!(
        "security group {} {} {}",
        group.state.as_ref().ok_or("no state")?,
        group.whitelist_rules()[0].cidr().unwrap_or_default(),
        group.tags.as_ref().ok_or("no tags")?["team"],
    );
    let group = group.id.ok_or("no id")?;

    let mut inputs = Vec::new();
    for name in ["one", "two"] {
        let url = InputSourceRequest::builder().url(source).build();
        let made = client
            .create_input()
            .name(name)
            .r#type(InputType::Mp4File)
            .sources(url)
            .send()
            .await?;
        inputs.push(made.input.ok_or("no input")?);
    }
    let made = client
        .create_input()
        .name("three")
        .r#type(InputType::UdpPush)
        .input_security_groups(&group)
        .send()
        .await?;
    inputs.push(made.input.ok_or("no input")?);
    for one in &inputs {
        println!(
            "input {} {} {} {} {}",
            one.name().unwrap_or_default(),
            one.r#type.as_ref().ok_or("no type")?,
            one.state.as_ref().ok_or("no state")?,
            one.sources().len(),
            one.destinations().len(),
        );
    }
    let files = &inputs[..2];
    let mut pages = client.list_inputs().into_paginator().page_size(2).send();
    print!("pages");
    while let Some(page) = pages.next().await {
        print!(" {}", page?.inputs().len());
    }
    println!();
    refused(
        client
            .delete_input_security_group()
            .input_security_group_id(&group)
            .send()
            .await,
    );

    let error = refused(channel(&client, files, "other", destination).send().await);
    if let Some(CreateChannelError::UnprocessableEntityException(e)) = error.as_service_error() {
        for fault in e.validation_errors() {
            let (path, text) = (fault.element_path(), fault.error_message());
            println!(
                "  {}: {}",
                path.unwrap_or_default(),
                text.unwrap_or_default()
            );
        }
    }
    let made = channel(&client, files, "out", destination)
        .send()
        .await?
        .channel
        .ok_or("no channel")?;
    println!("channel {}", made.state.as_ref().ok_or("no state")?);
    let (id, arn) = (made.id.ok_or("no id")?, made.arn.ok_or("no ARN")?);
    client
        .wait_until_channel_created()
        .channel_id(&id)
        .wait(PATIENCE)
        .await?;
    for one in files {
        client
            .wait_until_input_attached()
            .set_input_id(one.id.clone())
            .wait(PATIENCE)
            .await?;
    }

    client
        .create_tags()
        .resource_arn(&arn)
        .tags("team", "news")
        .tags("cost", "1")
        .send()
        .await?;
    client
        .delete_tags()
        .resource_arn(&arn)
        .tag_keys("cost")
        .send()
        .await?;
    let tags = client
        .list_tags_for_resource()
        .resource_arn(&arn)
        .send()
        .await?
        .tags
        .ok_or("no tags")?;
    let mut tags: Vec<_> = tags.into_keys().collect();
    tags.sort();
    println!("tags {}", tags.join(" "));

    println!(
        "start {}",
        client
            .start_channel()
            .channel_id(&id)
            .send()
            .await?
            .state
            .ok_or("no state")?
    );
    client
        .wait_until_channel_running()
        .channel_id(&id)
        .wait(PATIENCE)
        .await?;
    let running = client.describe_channel().channel_id(&id).send().await?;
    println!(
        "running {} {}",
        running.pipelines_running_count.unwrap_or_default(),
        running.pipeline_details()[0]
            .active_input_attachment_name()
            .unwrap_or_default(),
    );
    let output = &running
        .encoder_settings
        .as_ref()
        .ok_or("no settings")?
        .output_groups()[0]
        .outputs()[0];
    let pmt = output
        .output_settings()
        .and_then(OutputSettings::udp_output_settings)
        .and_then(UdpOutputSettings::container_settings)
        .and_then(UdpContainerSettings::m2ts_settings)
        .and_then(M2tsSettings::pmt_pid);
    println!("pmt {}", pmt.unwrap_or_default());

    let now = ImmediateModeScheduleActionStartSettings::builder().build();
    let now = ScheduleActionStartSettings::builder()
        .immediate_mode_schedule_action_start_settings(now)
        .build();
    let then = FixedModeScheduleActionStartSettings::builder()
        .time(later)
        .build();
    let then = ScheduleActionStartSettings::builder()
        .fixed_mode_schedule_action_start_settings(then)
        .build();
    let creates = BatchScheduleActionCreateRequest::builder()
        .schedule_actions(switch("to two", "two", now))
        .schedule_actions(switch("to one", "one", then))
        .build();
    let change = client
        .batch_update_schedule()
        .channel_id(&id)
        .creates(creates)
        .send()
        .await?;
    println!(
        "created {}",
        names(change.creates.ok_or("nothing created")?.schedule_actions())
    );
    let mut pages = client
        .describe_schedule()
        .channel_id(&id)
        .into_paginator()
        .page_size(1)
        .send();
    let mut actions = Vec::new();
    while let Some(page) = pages.next().await {
        actions.extend_from_slice(page?.schedule_actions());
    }
    println!("schedule {}", names(&actions));
    let deletes = BatchScheduleActionDeleteRequest::builder()
        .action_names("to one")
        .build();
    client
        .batch_update_schedule()
        .channel_id(&id)
        .deletes(deletes)
        .send()
        .await?;
    loop {
        let running = client.describe_channel().channel_id(&id).send().await?;
        if running.pipeline_details()[0].active_input_attachment_name() == Some("two") {
            break;
        }
        std::thread::sleep(Duration::from_millis(100));
    }
    println!("switched");

    refused(client.delete_channel().channel_id(&id).send().await);
    refused(client.describe_channel().channel_id("7").send().await);

    println!(
        "stop {}",
        client
            .stop_channel()
            .channel_id(&id)
            .send()
            .await?
            .state
            .ok_or("no state")?
    );
    client
        .wait_until_channel_stopped()
        .channel_id(&id)
        .wait(PATIENCE)
        .await?;
    let update = client
        .update_channel()
        .channel_id(&id)
        .name("late news")
        .input_attachments(attachment(&files[0]));
    let updated = update.send().await?.channel.ok_or("no channel")?;
    println!(
        "update {} {} {}",
        updated.state.as_ref().ok_or("no state")?,
        updated.name().unwrap_or_default(),
        updated.input_attachments().len(),
    );
    client
        .wait_until_channel_stopped()
        .channel_id(&id)
        .wait(PATIENCE)
        .await?;
    let renamed = client
        .update_input()
        .set_input_id(files[0].id.clone())
        .name("first")
        .send()
        .await?;
    println!(
        "rename {}",
        renamed.input.ok_or("no input")?.name().unwrap_or_default()
    );
    let rule = InputWhitelistRuleCidr::builder()
        .cidr("192.0.2.0/24")
        .build();
    let update = client
        .update_input_security_group()
        .input_security_group_id(&group)
        .whitelist_rules(rule);
    let updated = update.send().await?.security_group.ok_or("no group")?;
    println!(
        "rules {}",
        updated.whitelist_rules()[0].cidr().unwrap_or_default()
    );

    println!(
        "delete {}",
        client
            .delete_channel()
            .channel_id(&id)
            .send()
            .await?
            .state
            .ok_or("no state")?
    );
    client
        .wait_until_channel_deleted()
        .channel_id(&id)
        .wait(PATIENCE)
        .await?;
    for one in inputs {
        let one = one.id.ok_or("no id")?;
        client
            .wait_until_input_detached()
            .input_id(&one)
            .wait(PATIENCE)
            .await?;
        client.delete_input().input_id(&one).send().await?;
        client
            .wait_until_input_deleted()
            .input_id(&one)
            .wait(PATIENCE)
            .await?;
    }
    client
        .delete_input_security_group()
        .input_security_group_id(&group)
        .send()
        .await?;
    let channels = client.list_channels().send().await?;
    let inputs = client.list_inputs().send().await?;
    println!(
        "left {} {}",
        channels.channels().len(),
        inputs.inputs().len()
    );
    Ok(())
}

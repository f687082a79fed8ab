#!/bin/sh
# The life of a channel, with the AWS command line: life.sh ENDPOINT SOURCE DESTINATION TIME.
set -eu
endpoint=$1 source=$2 destination=$3 later=$4

medialive() { aws medialive --endpoint-url "$endpoint" --region us-east-1 --output text "$@"; }

# refused prints the error of a command, without "An error occurred" and what the versions add.
refused() {
	if errors=$(medialive "$@" 2>&1 >/dev/null); then
		echo accepted
	else
		echo "$errors" | sed -n 's/.*An error occurred (\([A-Za-z]*\)) when calling the [A-Za-z]* operation: /\1: /p'
	fi
}

group=$(medialive create-input-security-group --whitelist-rules Cidr=10.0.0.0/8 --tags team=news --query SecurityGroup.Id)
# shellcheck disable=SC2046 # Words without blanks.
echo security group $(medialive describe-input-security-group --input-security-group-id "$group" --query '[State, WhitelistRules[0].Cidr, Tags.team]')

input='Input.[Id, Name, Type, State, length(Sources), length(Destinations)]'
say() { shift; echo input "$@"; }
made=$(medialive create-input --name one --type MP4_FILE --sources "Url=$source" --query "$input")
one=${made%%	*}
# shellcheck disable=SC2086
say $made
made=$(medialive create-input --name two --type MP4_FILE --sources "Url=$source" --query "$input")
two=${made%%	*}
# shellcheck disable=SC2086
say $made
made=$(medialive create-input --name three --type UDP_PUSH --input-security-groups "$group" --query "$input")
three=${made%%	*}
# shellcheck disable=SC2086
say $made
# Text output has a line for each page.
# shellcheck disable=SC2046
echo pages $(medialive list-inputs --page-size 2 --query 'length(Inputs)')
refused delete-input-security-group --input-security-group-id "$group"

# document prints the channel; its output has the destination $1.
document() {
	cat <<-END
	{"Name": "news", "ChannelClass": "SINGLE_PIPELINE", "RoleArn": "arn:aws:iam::000000000000:role/medialive",
	 "InputSpecification": {"Codec": "AVC", "MaximumBitrate": "MAX_10_MBPS", "Resolution": "HD"},
	 "InputAttachments": [
	  {"InputAttachmentName": "one", "InputId": "$one", "InputSettings": {"SourceEndBehavior": "LOOP"}},
	  {"InputAttachmentName": "two", "InputId": "$two", "InputSettings": {"SourceEndBehavior": "LOOP"}}],
	 "Destinations": [{"Id": "$1", "Settings": [{"Url": "$destination"}]}],
	 "EncoderSettings": {
	  "TimecodeConfig": {"Source": "SYSTEMCLOCK"},
	  "VideoDescriptions": [{"Name": "video"}],
	  "AudioDescriptions": [{"Name": "audio", "AudioSelectorName": "audio"}],
	  "OutputGroups": [{"OutputGroupSettings": {"UdpGroupSettings": {}}, "Outputs": [{
	   "OutputName": "ts", "VideoDescriptionName": "video", "AudioDescriptionNames": ["audio"],
	   "OutputSettings": {"UdpOutputSettings": {"Destination": {"DestinationRefId": "out"},
	    "ContainerSettings": {"M2tsSettings": {"PmtPid": "480"}}}}}]}]},
	 "Tags": {"stage": "test"}}
	END
}
refused create-channel --cli-input-json "$(document other)"
made=$(medialive create-channel --cli-input-json "$(document out)" --query 'Channel.[Id, Arn, State]')
# shellcheck disable=SC2086
set -- $made
id=$1 arn=$2
echo channel "$3"
medialive wait channel-created --channel-id "$id"
medialive wait input-attached --input-id "$one"
medialive wait input-attached --input-id "$two"

medialive create-tags --resource-arn "$arn" --tags team=news,cost=1
medialive delete-tags --resource-arn "$arn" --tag-keys cost
# shellcheck disable=SC2046
echo tags $(medialive list-tags-for-resource --resource-arn "$arn" --query 'sort(keys(Tags))')

echo start "$(medialive start-channel --channel-id "$id" --query State)"
medialive wait channel-running --channel-id "$id"
active=PipelineDetails[0].ActiveInputAttachmentName
# shellcheck disable=SC2046
echo running $(medialive describe-channel --channel-id "$id" --query "[PipelinesRunningCount, $active]")
pmt=EncoderSettings.OutputGroups[0].Outputs[0].OutputSettings.UdpOutputSettings.ContainerSettings.M2tsSettings.PmtPid
echo pmt "$(medialive describe-channel --channel-id "$id" --query "$pmt")"

echo created "$(medialive batch-update-schedule --channel-id "$id" --query "Creates.join(', ', ScheduleActions[].ActionName)" --creates "
	{\"ScheduleActions\": [
	 {\"ActionName\": \"to two\", \"ScheduleActionSettings\": {\"InputSwitchSettings\": {\"InputAttachmentNameReference\": \"two\"}},
	  \"ScheduleActionStartSettings\": {\"ImmediateModeScheduleActionStartSettings\": {}}},
	 {\"ActionName\": \"to one\", \"ScheduleActionSettings\": {\"InputSwitchSettings\": {\"InputAttachmentNameReference\": \"one\"}},
	  \"ScheduleActionStartSettings\": {\"FixedModeScheduleActionStartSettings\": {\"Time\": \"$later\"}}}]}")"
echo schedule "$(medialive --output json describe-schedule --channel-id "$id" --page-size 1 --query "join(', ', ScheduleActions[].ActionName)" | tr -d '"')"
medialive batch-update-schedule --channel-id "$id" --deletes '{"ActionNames": ["to one"]}' >/dev/null
until [ "$(medialive describe-channel --channel-id "$id" --query "$active")" = two ]; do sleep 0.1; done
echo switched

refused delete-channel --channel-id "$id"
refused describe-channel --channel-id 7

echo stop "$(medialive stop-channel --channel-id "$id" --query State)"
medialive wait channel-stopped --channel-id "$id"
# shellcheck disable=SC2046
echo update $(medialive update-channel --channel-id "$id" --name "late news" --query 'Channel.[State, Name, length(InputAttachments)]' \
	--input-attachments "InputAttachmentName=one,InputId=$one,InputSettings={SourceEndBehavior=LOOP}")
medialive wait channel-stopped --channel-id "$id"
echo rename "$(medialive update-input --input-id "$one" --name first --query Input.Name)"
echo rules "$(medialive update-input-security-group --input-security-group-id "$group" --whitelist-rules Cidr=192.0.2.0/24 --query 'SecurityGroup.WhitelistRules[].Cidr')"

echo delete "$(medialive delete-channel --channel-id "$id" --query State)"
medialive wait channel-deleted --channel-id "$id"
for each in "$one" "$two" "$three"; do
	medialive wait input-detached --input-id "$each"
	medialive delete-input --input-id "$each"
	medialive wait input-deleted --input-id "$each"
done
medialive delete-input-security-group --input-security-group-id "$group"
echo left "$(medialive list-channels --query 'length(Channels)')" "$(medialive list-inputs --query 'length(Inputs)')"

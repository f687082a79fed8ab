# A channel of lilo serve by Terraform's provider for AWS. Without the endpoint and the
# skip_… lines it is a channel of AWS Elemental MediaLive, which costs money while it runs.
#
#   lilo serve --allow-files /srv/media
#   terraform apply -var source_url=file:///srv/media/movie.mp4
terraform {
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 5.100"
    }
  }
}

variable "source_url" {
  description = "The MP4 to play: file:///…, https://… or s3ssl://…"
  type        = string
}

variable "to" {
  description = "Where the stream is sent."
  type        = string
  default     = "rtp://127.0.0.1:5000"
}

provider "aws" {
  region                      = "us-east-1"
  access_key                  = "any" # Those of lilo serve add-key, if the server has --keys.
  secret_key                  = "any"
  skip_credentials_validation = true
  skip_requesting_account_id  = true
  skip_metadata_api_check     = true
  endpoints {
    medialive = "http://127.0.0.1:8080"
  }
}

resource "aws_medialive_input" "movie" {
  name = "movie"
  type = "MP4_FILE"
  sources {
    url            = var.source_url
    password_param = ""
    username       = ""
  }
}

resource "aws_medialive_channel" "movie" {
  name          = "movie"
  channel_class = "SINGLE_PIPELINE"
  role_arn      = "arn:aws:iam::000000000000:role/MediaLive"
  start_channel = true

  input_specification {
    codec            = "AVC"
    input_resolution = "HD"
    maximum_bitrate  = "MAX_20_MBPS"
  }

  input_attachments {
    input_attachment_name = "movie"
    input_id              = aws_medialive_input.movie.id
    input_settings {
      source_end_behavior = "LOOP"
    }
  }

  destinations {
    id = "out"
    settings {
      url = var.to
    }
  }

  encoder_settings {
    timecode_config {
      source = "EMBEDDED"
    }
    audio_descriptions {
      name                = "audio"
      audio_selector_name = "default"
    }
    video_descriptions {
      name = "video"
    }
    output_groups {
      output_group_settings {
        udp_group_settings {
          input_loss_action = "EMIT_PROGRAM"
        }
      }
      outputs {
        output_name             = "ts"
        video_description_name  = "video"
        audio_description_names = ["audio"]
        output_settings {
          udp_output_settings {
            destination {
              destination_ref_id = "out"
            }
            container_settings {
              m2ts_settings {}
            }
          }
        }
      }
    }
  }
}

terraform {
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "3.1.0"
    }
  }
}

provider "aws" {
  region                      = "eu-central-1"
  access_key                  = "none"
  secret_key                  = "none"
  skip_credentials_validation = true
  skip_requesting_account_id  = true
  skip_metadata_api_check     = true
  skip_get_ec2_platforms      = true
}

variable "open_to" {
  type    = list(string)
  default = ["0.0.0.0/0"]
}

locals {
  services = {
    web    = { image = "nginx:1.25.3", port = 80, readonly = false }
    worker = { image = "registry.example/shop/worker:2.4.1", port = 8080, readonly = true }
  }
}

resource "aws_vpc" "main" {
  cidr_block = "10.0.0.0/16"
}

resource "aws_subnet" "main" {
  vpc_id     = aws_vpc.main.id
  cidr_block = "10.0.1.0/24"
}

resource "aws_ecs_cluster" "main" {
  name = "shop"
}

module "service" {
  source   = "./modules/service"
  for_each = local.services

  name           = each.key
  cluster        = aws_ecs_cluster.main.id
  image          = each.value.image
  port           = each.value.port
  readonly       = each.value.readonly
  subnets        = [aws_subnet.main.id]
  security_group = aws_security_group.web.id
  role           = aws_iam_role.task.arn
}

resource "aws_ecs_task_definition" "agent" {
  family       = "agent"
  network_mode = "host"
  pid_mode     = "host"

  container_definitions = <<JSON
[
  {
    "name": "agent",
    "image": "registry.example/agent:1",
    "memory": 256,
    "privileged": true,
    "environment": [{ "name": "DB_PASSWORD", "value": "correct-horse-9" }],
    "mountPoints": [{ "sourceVolume": "docker", "containerPath": "/var/run/docker.sock" }]
  }
]
JSON

  volume {
    name      = "docker"
    host_path = "/var/run/docker.sock"
  }
}

resource "aws_ecr_repository" "web" {
  name                 = "shop/web"
  image_tag_mutability = "MUTABLE"
  image_scanning_configuration {
    scan_on_push = false
  }
}

resource "aws_security_group" "web" {
  name   = "web"
  vpc_id = aws_vpc.main.id

  dynamic "ingress" {
    for_each = [22, 80]
    content {
      from_port   = ingress.value
      to_port     = ingress.value
      protocol    = "tcp"
      cidr_blocks = var.open_to
    }
  }
}

resource "aws_security_group" "admin" {
  name   = "admin"
  vpc_id = aws_vpc.main.id
}

resource "aws_security_group_rule" "admin" {
  type              = "ingress"
  security_group_id = aws_security_group.admin.id
  from_port         = 0
  to_port           = 0
  protocol          = "-1"
  cidr_blocks       = var.open_to
}

data "aws_iam_policy_document" "assume" {
  statement {
    actions = ["sts:AssumeRole"]
    principals {
      type        = "Service"
      identifiers = ["ecs-tasks.amazonaws.com"]
    }
  }
}

data "aws_iam_policy_document" "everything" {
  statement {
    actions   = ["s3:*", "iam:PassRole"]
    resources = ["*"]
  }
}

resource "aws_iam_role" "task" {
  name               = "task"
  assume_role_policy = data.aws_iam_policy_document.assume.json
}

resource "aws_iam_role_policy" "task" {
  name   = "everything"
  role   = aws_iam_role.task.id
  policy = data.aws_iam_policy_document.everything.json
}

resource "aws_iam_role_policy_attachment" "admin" {
  role       = aws_iam_role.task.name
  policy_arn = "arn:aws:iam::aws:policy/AdministratorAccess"
}

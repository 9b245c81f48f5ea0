variable "name" {}
variable "cluster" {}
variable "image" {}
variable "port" {}
variable "readonly" {}
variable "subnets" {}
variable "security_group" {}
variable "role" {}

resource "aws_ecs_task_definition" "this" {
  family                   = var.name
  requires_compatibilities = ["FARGATE"]
  network_mode             = "awsvpc"
  cpu                      = 256
  memory                   = 512
  task_role_arn            = var.role

  container_definitions = jsonencode([
    {
      name                   = var.name
      image                  = var.image
      essential              = true
      readonlyRootFilesystem = var.readonly
      portMappings           = [{ containerPort = var.port }]
      logConfiguration = {
        logDriver = "awslogs"
        options   = { awslogs-group = "/shop/${var.name}" }
      }
    }
  ])
}

resource "aws_ecs_service" "this" {
  name            = var.name
  cluster         = var.cluster
  task_definition = aws_ecs_task_definition.this.arn
  desired_count   = 2
  launch_type     = "FARGATE"

  network_configuration {
    subnets          = var.subnets
    security_groups  = [var.security_group]
    assign_public_ip = true
  }
}

variable "name" {
  type = string
}
variable "namespace" {
  type = string
}
variable "image" {
  type = string
}
variable "port" {
  type = number
}
variable "privileged" {
  type    = bool
  default = false
}
variable "public" {
  type    = bool
  default = false
}
variable "env" {
  type    = map(string)
  default = { LOG_LEVEL = "info", DB_HOST = "db" }
}

resource "kubernetes_deployment" "this" {
  metadata {
    name      = var.name
    namespace = var.namespace
  }
  spec {
    replicas = 2
    selector {
      match_labels = { app = var.name }
    }
    template {
      metadata {
        labels = { app = var.name }
      }
      spec {
        container {
          name              = var.name
          image             = var.image
          image_pull_policy = "IfNotPresent"
          port {
            container_port = var.port
          }
          dynamic "env" {
            for_each = var.env
            content {
              name  = env.key
              value = env.value
            }
          }
          security_context {
            privileged                = var.privileged
            read_only_root_filesystem = !var.privileged
          }
          resources {
            limits {
              memory = "256Mi"
              cpu    = "500m"
            }
          }
        }
      }
    }
  }
}

resource "kubernetes_service" "this" {
  metadata {
    name      = var.name
    namespace = var.namespace
  }
  spec {
    type     = var.public ? "LoadBalancer" : "ClusterIP"
    selector = { app = var.name }
    port {
      port        = 80
      target_port = var.port
    }
  }
}

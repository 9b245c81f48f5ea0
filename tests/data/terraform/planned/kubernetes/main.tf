terraform {
  required_providers {
    kubernetes = {
      source  = "hashicorp/kubernetes"
      version = "1.13.4"
    }
  }
}

provider "kubernetes" {
  load_config_file = false
  host             = "https://127.0.0.1:6"
}

variable "environment" {
  type    = string
  default = "staging"
}

variable "db_password" {
  type      = string
  sensitive = true
}

locals {
  apps = {
    web = { image = "nginx:1.25.3", port = 80, privileged = true }
    api = { image = "registry.example/shop/api:2.4.1", port = 8080, privileged = false }
  }
  labels = { team = "shop", env = var.environment }
}

resource "kubernetes_namespace" "shop" {
  metadata {
    name   = "shop-${var.environment}"
    labels = local.labels
  }
}

module "app" {
  for_each   = local.apps
  source     = "./modules/app"
  name       = each.key
  namespace  = kubernetes_namespace.shop.metadata[0].name
  image      = each.value.image
  port       = each.value.port
  privileged = each.value.privileged
  public     = each.key == "web"
}

resource "kubernetes_secret" "db" {
  metadata {
    name      = "db"
    namespace = kubernetes_namespace.shop.metadata[0].name
  }
  data = {
    password = var.db_password
  }
}

resource "kubernetes_cluster_role" "ops" {
  metadata {
    name = "ops"
  }
  rule {
    api_groups = ["*"]
    resources  = ["*"]
    verbs      = ["*"]
  }
}

resource "kubernetes_cluster_role_binding" "ops" {
  metadata {
    name = "ops"
  }
  role_ref {
    api_group = "rbac.authorization.k8s.io"
    kind      = "ClusterRole"
    name      = kubernetes_cluster_role.ops.metadata[0].name
  }
  subject {
    kind      = "ServiceAccount"
    name      = "default"
    namespace = kubernetes_namespace.shop.metadata[0].name
  }
}

resource "kubernetes_daemonset" "agent" {
  metadata {
    name      = "agent"
    namespace = kubernetes_namespace.shop.metadata[0].name
  }
  spec {
    selector {
      match_labels = { app = "agent" }
    }
    template {
      metadata {
        labels = { app = "agent" }
      }
      spec {
        host_network = true
        host_pid     = true
        container {
          name  = "agent"
          image = "registry.example/shop/agent@sha256:0f8f3f3f3f3f3f3f3f3f3f3f3f3f3f3f3f3f3f3f3f3f3f3f3f3f3f3f3f3f3f3f"
          security_context {
            run_as_user = 0
            capabilities {
              add = ["SYS_ADMIN"]
            }
          }
          volume_mount {
            name       = "docker"
            mount_path = "/var/run/docker.sock"
          }
        }
        volume {
          name = "docker"
          host_path {
            path = "/var/run/docker.sock"
          }
        }
      }
    }
  }
}

resource "kubernetes_cron_job" "backup" {
  count = var.environment == "production" ? 1 : 0
  metadata {
    name = "backup"
  }
  spec {
    schedule = "0 1 * * *"
    job_template {
      metadata {}
      spec {
        template {
          metadata {}
          spec {
            container {
              name  = "backup"
              image = "postgres:9.6"
            }
          }
        }
      }
    }
  }
}

resource "kubernetes_network_policy" "web" {
  metadata {
    name      = "web"
    namespace = kubernetes_namespace.shop.metadata[0].name
  }
  spec {
    pod_selector {
      match_labels = { app = "api" }
    }
    policy_types = ["Ingress"]
    ingress {
      from {
        pod_selector {
          match_labels = { app = "web" }
        }
      }
    }
  }
}

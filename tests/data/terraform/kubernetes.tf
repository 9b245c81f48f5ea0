resource "kubernetes_ingress_v1" "i" {
  metadata {
    name = "i"
    annotations = { "nginx.ingress.kubernetes.io/configuration-snippet" = "x" }
  }
  spec {
    ingress_class_name = "nginx"
    default_backend {
      service {
        name = "d"
        port { number = 80 }
      }
    }
    rule {
      host = "a.example"
      http {
        path {
          path = "/"
          path_type = "Prefix"
          backend {
            service {
              name = "web"
              port { number = 80 }
            }
          }
        }
      }
    }
    tls {
      hosts = ["b.example"]
      secret_name = "t"
    }
  }
}
resource "kubernetes_service_account" "s" {
  metadata { name = "s" }
  automount_service_account_token = "false"
  secret { name = "x" }
}
resource "kubernetes_limit_range" "l" {
  metadata { name = "l" }
  spec {
    limit {
      type = "Container"
      default = { cpu = "50m", memory = "24Mi" }
    }
  }
}
resource "kubernetes_persistent_volume_claim" "c" {
  metadata { name = "x" }
}
resource "kubernetes_stateful_set" "d" {
  metadata { name = "d" }
  spec {
    service_name = "d"
    selector { match_labels = { a = "b" } }
    volume_claim_template {
      metadata { name = "v" }
      spec {
        access_modes = ["ReadWriteOnce"]
        resources { requests = { storage = "1Gi" } }
      }
    }
    template {
      metadata { labels = { a = "b" } }
      spec {
        service_account_name = "s"
        affinity {
          node_affinity {
            required_during_scheduling_ignored_during_execution {
              node_selector_term {
                match_expressions {
                  key = "a"
                  operator = "In"
                  values = ["b"]
                }
              }
            }
          }
        }
        toleration {
          effect = "NoSchedule"
          toleration_seconds = "300"
        }
        init_container {
          name = "i"
          image = "b:1"
          security_context {
            run_as_user = 0
            se_linux_options { type = "spc_t" }
            seccomp_profile { type = "Unconfined" }
          }
        }
        container {
          name = "c"
          image = "a:1"
          env_from {
            secret_ref { name = "s" }
          }
          env {
            name = "X"
            value_from {
              secret_key_ref {
                name = "s"
                key = "k"
              }
            }
          }
          port {
            container_port = 80
            host_port = 80
          }
          volume_mount {
            name = "e"
            mount_path = "/e"
          }
        }
        volume {
          name = "e"
          secret {
            secret_name = "s"
            items {
              key = "a"
              path = "b"
            }
          }
        }
        volume {
          name = "p"
          projected {
            sources {
              service_account_token { path = "t" }
            }
          }
        }
      }
    }
  }
}

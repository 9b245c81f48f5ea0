{{- define "web.labels" -}}
app.kubernetes.io/name: {{ .Chart.Name }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "web.name" -}}
{{- printf "%s-%s" .Release.Name .Chart.Name | trunc 63 | trimSuffix "-" }}
{{- end }}

{{- define "web.container" -}}
{{- $port := index .ports 0 -}}
- name: {{ .name }}
  image: "{{ .image.repository }}:{{ .image.tag | default "latest" }}"
  {{- with .context }}
  securityContext:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  ports:
    {{- range .ports }}
    - name: {{ .name }}
      containerPort: {{ .port }}
      {{- if .hostPort }}
      hostPort: {{ .hostPort }}
      {{- end }}
    {{- end }}
  readinessProbe:
    httpGet:
      port: {{ $port.port }}
{{- end }}

{{- define "lilo.name" -}}
{{- if contains .Chart.Name .Release.Name }}{{ .Release.Name | trunc 40 | trimSuffix "-" }}{{ else }}{{ printf "%s-%s" .Release.Name .Chart.Name | trunc 40 | trimSuffix "-" }}{{ end }}
{{- end }}

{{- define "lilo.labels" -}}
{{ include "lilo.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ .Chart.Name }}-{{ .Chart.Version }}
{{- end }}

{{/* The labels by which pods are found: those of the nodes, or of etcd in "etcd.selector". */}}
{{- define "lilo.selector" -}}
app.kubernetes.io/name: lilo
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/component: node
{{- end }}

{{- define "etcd.selector" -}}
app.kubernetes.io/name: lilo
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/component: etcd
{{- end }}

{{- define "etcd.labels" -}}
{{ include "etcd.selector" . }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ .Chart.Name }}-{{ .Chart.Version }}
{{- end }}

{{/* The members of the chart's own etcd: name of the pod, and its host. */}}
{{- define "etcd.host" -}}
{{ include "lilo.name" .root }}-etcd-{{ .number }}.{{ include "lilo.name" .root }}-etcd.{{ .root.Release.Namespace }}.svc
{{- end }}

{{- define "lilo.store" -}}
{{- $members := .Values.store.members }}
{{- if not $members }}
{{- range $n := until (int .Values.etcd.replicas) }}
{{- $members = append $members (printf "%s:2379" (include "etcd.host" (dict "root" $ "number" $n))) }}
{{- end }}
{{- end }}
{{- ternary "etcds" "etcd" .Values.store.tls }}://{{ with .Values.store.user }}{{ . }}@{{ end }}{{ join "," $members }}/{{ .Values.store.prefix }}
{{- end }}

{{- define "lilo.securityContext" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities: {drop: [ALL]}
{{- end }}

{{- define "lilo.podSecurityContext" -}}
runAsNonRoot: true
runAsUser: 65532
runAsGroup: 65532
fsGroup: 65532
fsGroupChangePolicy: OnRootMismatch
seccompProfile: {type: RuntimeDefault}
{{- end }}

{{- define "tappet.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 63 | trimSuffix "-" -}}
{{- end -}}

{{- /* At most 52 characters: pods add an ordinal, Services a suffix, and the label of a StatefulSet's revision 11. */ -}}
{{- define "tappet.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 52 | trimSuffix "-" -}}
{{- else if contains (include "tappet.name" .) .Release.Name -}}
{{- .Release.Name | trunc 52 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name (include "tappet.name" .) | trunc 52 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{- define "tappet.selectorLabels" -}}
app.kubernetes.io/name: {{ include "tappet.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "tappet.labels" -}}
{{ include "tappet.selectorLabels" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{- with .Values.commonLabels }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{- define "tappet.serviceAccount" -}}
{{- if .Values.serviceAccount.create -}}
{{- default (include "tappet.fullname" .) .Values.serviceAccount.name -}}
{{- else -}}
{{- default "default" .Values.serviceAccount.name -}}
{{- end -}}
{{- end -}}

{{- define "tappet.image" -}}
{{- if .Values.image.digest -}}
{{- printf "%s@%s" .Values.image.repository .Values.image.digest -}}
{{- else -}}
{{- printf "%s:%s" .Values.image.repository (default .Chart.AppVersion .Values.image.tag) -}}
{{- end -}}
{{- end -}}

{{- /* The Secret with the API's token; empty: each replica makes its own. */ -}}
{{- define "tappet.tokenSecret" -}}
{{- if .Values.api.token.existingSecret -}}
{{- .Values.api.token.existingSecret -}}
{{- else if .Values.api.token.value -}}
{{- printf "%s-api" (include "tappet.fullname" .) -}}
{{- end -}}
{{- end -}}

{{- /* The settings file: what other values say of it, where `config` says nothing. Its `false` and "" would be taken for nothing. */ -}}
{{- define "tappet.config" -}}
{{- $kubernetes := dict "group" (include "tappet.fullname" .) "impersonate" .Values.rbac.impersonation.enabled "entrypointDelivery" .Values.entrypoint.delivery -}}
{{- with .Values.entrypoint.image }}{{ $_ := set $kubernetes "entrypointImage" . }}{{ end -}}
{{- with .Values.watchNamespaces }}{{ $_ := set $kubernetes "namespaces" . }}{{ end -}}
{{- $url := printf "http://%s.%s.svc:%d" (include "tappet.fullname" .) .Release.Namespace (int .Values.ingress.service.port) -}}
{{- merge (deepCopy .Values.config) (dict "publicUrl" $url "cluster" true "runs" .Values.engine "kubernetes" $kubernetes) | toJson -}}
{{- end -}}

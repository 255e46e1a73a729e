{{- /* What Tappet does in a namespace it looks after; README.md says of each line what for. */ -}}
{{- define "tappet.namespacedRules" -}}
- apiGroups: [tekton.dev]
  resources: [pipelineruns, taskruns, customruns]
  verbs: [get, list, watch, create, patch]
{{- if eq .Values.engine "tappet" }}
- apiGroups: [tekton.dev]
  resources: [pipelines, tasks, stepactions]
  verbs: [get]
- apiGroups: [tekton.dev]
  resources: [pipelineruns/status, taskruns/status]
  verbs: [update]
- apiGroups: [tekton.dev]
  resources: [pipelineruns/finalizers, taskruns/finalizers]
  verbs: [update]
- apiGroups: [resolution.tekton.dev]
  resources: [resolutionrequests]
  verbs: [get, list, watch, create]
- apiGroups: [resolution.tekton.dev]
  resources: [resolutionrequests/status]
  verbs: [update]
- apiGroups: [""]
  resources: [pods]
  verbs: [get, list, watch, create, patch, delete]
- apiGroups: [""]
  resources: [pods/log]
  verbs: [get]
- apiGroups: [""]
  resources: [persistentvolumeclaims]
  verbs: [get, create, patch]
- apiGroups: [""]
  resources: [limitranges]
  verbs: [list, watch]
{{- end }}
- apiGroups: [triggers.tekton.dev]
  resources: [eventlisteners, triggers, triggerbindings, triggertemplates, interceptors]
  verbs: [get, list, watch]
- apiGroups: [triggers.tekton.dev]
  resources: [eventlisteners/status]
  verbs: [update]
- apiGroups: [tappet.dev]
  resources: [schedules]
  verbs: [get, list, watch]
- apiGroups: [tappet.dev]
  resources: [schedules/status]
  verbs: [patch]
- apiGroups: [tappet.dev]
  resources: [runactions]
  verbs: [get, list, watch, create, delete]
- apiGroups: [tappet.dev]
  resources: [runactions/status]
  verbs: [update]
- apiGroups: [""]
  resources: [configmaps, serviceaccounts]
  verbs: [get]
- apiGroups: [""]
  resources: [events]
  verbs: [get, create, patch]
{{- if .Values.rbac.secrets.enabled }}
- apiGroups: [""]
  resources: [secrets]
  {{- with .Values.rbac.secrets.names }}
  resourceNames: {{ toJson . }}
  {{- end }}
  verbs: [get]
{{- if eq .Values.engine "tappet" }}
- apiGroups: [""]
  resources: [secrets]
  verbs: [create]
{{- end }}
{{- end }}
{{- if .Values.rbac.impersonation.enabled }}
- apiGroups: [""]
  resources: [serviceaccounts]
  {{- with .Values.rbac.impersonation.serviceAccounts }}
  resourceNames: {{ toJson . }}
  {{- end }}
  verbs: [impersonate]
{{- end }}
{{- end -}}

{{- /* Kinds that belong to no namespace. */ -}}
{{- define "tappet.clusterRules" -}}
- apiGroups: [triggers.tekton.dev]
  resources: [clustertriggerbindings, clusterinterceptors]
  verbs: [get, list, watch]
{{- if eq .Values.engine "tappet" }}
- apiGroups: [apps]
  resources: [deployments, statefulsets]
  resourceNames: [tekton-pipelines-controller]
  verbs: [list]
{{- end }}
{{- end -}}

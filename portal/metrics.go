package portal

import (
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promauto"
)

var (
	bodiesRefused = promauto.NewCounter(prometheus.CounterOpts{Name: "congdvc_bodies_refused_total",
		Help: "Bodies that were not read because too many bytes were in flight."})
	connectionsOpen = promauto.NewGauge(prometheus.GaugeOpts{Name: "congdvc_connections",
		Help: "Open connections of visitors, or of the proxy before the portal."})
	connectionsRefused = promauto.NewCounterVec(prometheus.CounterOpts{
		Name: "congdvc_connections_refused_total",
		Help: "Connections that were refused: too many of one address, or too many in all."},
		[]string{"bound"})
	headsRefused = promauto.NewCounter(prometheus.CounterOpts{Name: "congdvc_heads_refused_total",
		Help: "Requests that were refused for their first line and headers, before any page was asked."})
)

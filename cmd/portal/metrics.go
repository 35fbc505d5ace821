package main

import (
	"net/http"

	"congdvc/portal/intake"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promauto"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// paymentAlarms has a reason of checkout.Whys as its label.
var paymentAlarms = promauto.NewCounterVec(prometheus.CounterOpts{Name: "congdvc_payment_alarms_total",
	Help: "What the payment provider said and made no sense, by reason: a person has to look."},
	[]string{"reason"})

// metrics serves what is registered in the default registry of Prometheus, at /metrics of INSIDE_LISTEN: what
// its client tells of the Go runtime and of the process, and ours. A metric of ours is made by promauto, in
// metrics.go of the room that counts it (portal, services/worker or cmd/portal), and needs no line here.
func metrics() http.Handler { return promhttp.Handler() }

var partWorks = promauto.NewGaugeVec(prometheus.GaugeOpts{Name: "congdvc_part_works",
	Help: "1 where a part worked when readyz last looked, 0 where it did not."}, []string{"part"})

// measureBodies tells how much of a budget is taken. A process has one.
func measureBodies(budget *intake.Budget) {
	promauto.NewGaugeFunc(prometheus.GaugeOpts{Name: "congdvc_bodies_in_flight_bytes",
		Help: "What is being sent and lies in memory."}, func() float64 { return float64(budget.InFlight()) })
	promauto.NewGaugeFunc(prometheus.GaugeOpts{Name: "congdvc_bodies_limit_bytes",
		Help: "How much of it may lie there at once."}, func() float64 { return float64(budget.Limit()) })
}

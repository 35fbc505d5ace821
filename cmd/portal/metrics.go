package main

import (
	"net/http"

	"congdvc/portal/intake"
	"congdvc/services/notice"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promauto"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// paymentAlarms has a reason of checkout.Whys as its label.
var paymentAlarms = promauto.NewCounterVec(prometheus.CounterOpts{Name: "congdvc_payment_alarms_total",
	Help: "What the payment provider said and made no sense, by reason: a person has to look."},
	[]string{"reason"})

var noticesEnded = promauto.NewCounterVec(prometheus.CounterOpts{Name: "congdvc_notices_total",
	Help: "Notices that left by a channel, or never will: by channel and by what became of them."},
	[]string{"channel", "state"})

// countNotices makes the counter of what became of notices. Those of open channels stand at nought from the
// start, so that a rule sees the first one that is refused.
func countNotices(open []notice.Line) func(channel string, s notice.State) {
	for _, line := range open {
		for _, state := range notice.Ends {
			noticesEnded.WithLabelValues(line.Name(), string(state))
		}
	}
	return func(channel string, s notice.State) {
		noticesEnded.WithLabelValues(channel, string(s)).Inc()
	}
}

var channelWorks = promauto.NewGaugeVec(prometheus.GaugeOpts{Name: "congdvc_notice_channel_works",
	Help: "1 where a channel took the last notice that was tried, 0 where it took none."},
	[]string{"channel"})

// channelStands tells how a channel stands.
func channelStands(channel string, works bool) {
	stands := 0.0
	if works {
		stands = 1
	}
	channelWorks.WithLabelValues(channel).Set(stands)
}

// metrics serves what is registered in the default registry of Prometheus, at /metrics of INSIDE_LISTEN: what
// its client tells of the Go runtime and of the process, and ours. A metric of ours is made by promauto, in
// metrics.go of the room that counts it (portal, services/worker or cmd/portal), and needs no line here.
// Those that the database is asked for at each reading are in receiver_metrics.go.
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

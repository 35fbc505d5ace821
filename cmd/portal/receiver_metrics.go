package main

import (
	"context"
	"time"

	"congdvc/services/onestop"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/prometheus/client_golang/prometheus"
)

// measureWithin bounds the questions of one reading of the metrics.
const measureWithin = 3 * time.Second

var (
	untakenDesc = prometheus.NewDesc("congdvc_onestop_unacknowledged",
		"Dossiers of which a one-stop system was told and which it has not acknowledged.",
		[]string{"connection"}, nil)
	lateDesc = prometheus.NewDesc("congdvc_onestop_unacknowledged_late",
		"Those of them for which the agreed time is over: somebody has to ask its people.",
		[]string{"connection"}, nil)
	backlogDesc = prometheus.NewDesc("congdvc_onestop_backlog",
		"Events of a connection's log that are not delivered; 0 where it only pulls.",
		[]string{"connection"}, nil)
	parkedDesc = prometheus.NewDesc("congdvc_onestop_parked",
		"Events that were given up, with their dossiers, until a replay.", []string{"connection"}, nil)
)

// receivers measures the one-stop systems whenever somebody reads the metrics. A database that is away leaves
// its figures out.
type receivers struct{ db *pgxpool.Pool }

// Describe tells the figures.
func (receivers) Describe(to chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{untakenDesc, lateDesc, backlogDesc, parkedDesc} {
		to <- d
	}
}

// Collect counts.
func (r receivers) Collect(to chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), measureWithin)
	defer cancel()
	untaken, err := onestop.UntakenAt(ctx, r.db, time.Now())
	if err != nil {
		return
	}
	health, err := onestop.HealthOf(ctx, r.db)
	if err != nil {
		return
	}
	gauge := func(d *prometheus.Desc, n int64, connection string) {
		to <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, float64(n), connection)
	}
	for _, u := range untaken {
		gauge(untakenDesc, int64(u.Dossiers), u.Connection)
		gauge(lateDesc, int64(u.Late), u.Connection)
	}
	for _, h := range health {
		backlog := int64(0)
		if h.Pushes {
			backlog = h.Head - h.Pushed + h.Pending
		}
		gauge(backlogDesc, backlog, h.Connection)
		gauge(parkedDesc, h.Parked, h.Connection)
	}
}

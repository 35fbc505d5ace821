package main

import (
	"net/http"

	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// metrics serves what is registered in the default registry of Prometheus, at /metrics of INSIDE_LISTEN. So
// far that is what its client tells of the Go runtime and of the process. A metric of ours is made by
// promauto, in metrics.go of the room that counts it (portal, services/worker or cmd/portal), and needs no
// line here.
func metrics() http.Handler { return promhttp.Handler() }

package main

import (
	"context"
	"errors"
	"net/http"
	"time"
)

// inside answers health and metrics on an address that the outside cannot reach, until ctx ends.
func (p *parts) inside(ctx context.Context, ready *readiness) error {
	mux := http.NewServeMux()
	for path, answer := range map[string]http.Handler{
		"/healthz": http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusNoContent)
		}),
		"/readyz":  ready,
		"/metrics": metrics(),
	} {
		mux.Handle("GET "+path, answer) // which takes HEAD too; another method is refused with 405
		mux.HandleFunc("OPTIONS "+path, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Allow", "GET, HEAD, OPTIONS")
			w.WriteHeader(http.StatusNoContent)
		})
	}
	server := &http.Server{Addr: p.config.Inside, Handler: mux, ReadHeaderTimeout: 5 * time.Second}
	stopped := make(chan error, 1)
	go func() {
		<-ctx.Done()
		stop, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
		defer cancel()
		stopped <- server.Shutdown(stop)
	}()
	if err := server.ListenAndServe(); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return <-stopped
}

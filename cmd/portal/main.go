// Command portal is the public services portal: its pages, the REST interface of the one-stop systems, and
// the background work. It reads its configuration from the environment only.
package main

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"syscall"

	"github.com/alecthomas/kong"
)

// commands is what the program can do, as its help shows it.
type commands struct {
	Serve      serveCommand      `cmd:"" help:"Answer pages and the REST interface; also do the background work, unless WORK=false."`
	Work       workCommand       `cmd:"" help:"Do the background work only."`
	Migrate    migrateCommand    `cmd:"" help:"Bring the database to this program's schema, and bind a new one to its keys and files."`
	Import     importCommand     `cmd:"" help:"Bring data into the database."`
	Export     exportCommand     `cmd:"" help:"Write data out."`
	Procedures proceduresCommand `cmd:"" help:"Versions of procedures: publish, close, allow the general form."`
	Onestop    onestopCommand    `cmd:"" help:"Connections of one-stop systems, their keys and their log."`
	Payments   paymentsCommand   `cmd:"" help:"Payments that need a look."`
	Keys       keysCommand       `cmd:"" help:"The keys that seal personal data."`
	Files      filesCommand      `cmd:"" help:"The folder of files: what nobody needs in it, and which one it is."`
	Verify     verifyCommand     `cmd:"" help:"Check dossiers' histories, whose rows are, the files, or a signed PDF."`
	Check      checkCommand      `cmd:"" help:"Prove the configuration and every outside party."`
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	var c commands
	parsed := kong.Parse(&c, kong.Name("portal"),
		kong.Description("CongDVC, the public services portal of a province."), kong.UsageOnError(),
		kong.BindTo(ctx, (*context.Context)(nil)))
	if err := parsed.Run(); err != nil {
		fmt.Fprintln(os.Stderr, "portal:", err)
		os.Exit(1)
	}
}

// logger writes one JSON object a line to standard error.
func logger(level string) (*slog.Logger, error) {
	var l slog.Level
	if err := l.UnmarshalText([]byte(level)); err != nil {
		return nil, fmt.Errorf("LOG_LEVEL: %w", err)
	}
	return slog.New(slog.NewJSONHandler(os.Stderr, &slog.HandlerOptions{Level: l})), nil
}

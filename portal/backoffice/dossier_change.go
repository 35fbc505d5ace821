package backoffice

import (
	"context"
	"encoding/json"

	"congdvc/services/desk"
	"congdvc/services/dossier"
	"congdvc/services/fault"
	"congdvc/services/onestop"
	"congdvc/services/workday"

	"github.com/gofiber/fiber/v2"
)

// change reads a call with a JSON body, checks it, lets the desk carry it out and sends its answer.
func change[T any](
	v *call, check func(T) fault.List,
	do func(context.Context, desk.Office, dossier.Code, T) ([]byte, error),
) error {
	code, err := v.code()
	if err != nil {
		return err
	}
	in, err := body[T](v)
	if err == nil {
		err = check(in).Err()
	}
	if err != nil {
		return v.unlessAnswered(v.Body(), err)
	}
	o, err := v.changing(v.Body())
	if err != nil {
		return err
	}
	answer, err := do(v.UserContext(), o, code, in)
	if err != nil {
		return err
	}
	return v.changed(answer)
}

// unlessAnswered refuses a call whose body is not acceptable, unless it was carried out before: then its
// answer comes again. What the body says may have become wrong since, such as a day that is over by now.
func (v *call) unlessAnswered(body []byte, refusal error) error {
	o, err := v.changing(body)
	if err != nil {
		return refusal
	}
	answer, err := onestop.Answered(v.UserContext(), v.door.Pool, o.Call)
	if err != nil || answer == nil {
		return refusal
	}
	return v.changed(answer)
}

// changed sends the answer of the desk unchanged. Its row_version becomes the ETag.
func (v *call) changed(answer []byte) error {
	var header struct {
		RowVersion int64 `json:"row_version"`
	}
	if json.Unmarshal(answer, &header) == nil && header.RowVersion > 0 {
		v.Set(fiber.HeaderETag, etagOf(header.RowVersion))
	}
	return v.bytes(answer)
}

func (b *Backoffice) postAcknowledge(v *call) error {
	return change(v, onestop.Acknowledge.Check, b.Desk.Acknowledge)
}

func (b *Backoffice) postReceive(v *call) error {
	return change(v, func(r onestop.Receive) fault.List { return r.Check(v.now) }, b.Desk.Receive)
}

func (b *Backoffice) postRefuse(v *call) error {
	return change(v, onestop.Refuse.Check, b.Desk.Refuse)
}

func (b *Backoffice) postProcess(v *call) error {
	return change(v, onestop.Process.Check, b.Desk.Process)
}

func (b *Backoffice) postNote(v *call) error {
	return change(v, onestop.Note.Check, b.Desk.Note)
}

func (b *Backoffice) postSupplement(v *call) error {
	today := workday.DateOf(v.now)
	return change(v, func(s onestop.Supplement) fault.List { return s.Check(today) }, b.Desk.AskSupplement)
}

func (b *Backoffice) postPayment(v *call) error {
	return change(v, onestop.CounterPayment.Check, b.Desk.PaidAtCounter)
}

func (b *Backoffice) postWithdrawal(v *call) error {
	return change(v, onestop.Withdrawal.Check,
		func(ctx context.Context, o desk.Office, code dossier.Code, in onestop.Withdrawal) ([]byte, error) {
			return b.Desk.AnswerWithdrawal(ctx, o, code, desk.Answer(*in.Accept), in.Note)
		})
}

func (b *Backoffice) postResultCode(v *call) error {
	return change(v, func(onestop.ReserveResultCode) fault.List { return nil }, b.Desk.ReserveResultCode)
}

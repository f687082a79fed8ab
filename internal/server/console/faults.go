package console

import (
	"net/http"
	"time"
)

// serveFaults answers with the faults that are armed.
func (c *Console) serveFaults(w http.ResponseWriter, _ *http.Request) {
	writeJSON(w, http.StatusOK, c.operator.Faults())
}

// arm arms faults, or clears them.
func (c *Console) arm(w http.ResponseWriter, r *http.Request) {
	var f Faults
	if !readJSON(w, r, &f) {
		return
	}
	if err := c.operator.Arm(f); err != nil {
		fail(w, "faults", err)
		return
	}
	writeJSON(w, http.StatusOK, c.operator.Faults())
}

// maxLoss is how many seconds a pipeline may be lost.
const maxLoss = 3600

// lose has a pipeline send nothing for a time.
func (c *Console) lose(w http.ResponseWriter, r *http.Request) {
	var f struct {
		Pipeline int `json:"pipeline"`
		Seconds  int `json:"seconds"`
	}
	if !readJSON(w, r, &f) {
		return
	}
	if f.Seconds < 1 || f.Seconds > maxLoss {
		writeError(w, http.StatusUnprocessableEntity, "seconds", "a pipeline is lost for 1 second to an hour")
		return
	}
	if err := c.operator.Lose(r.PathValue("id"), f.Pipeline, time.Duration(f.Seconds)*time.Second); err != nil {
		fail(w, "pipeline", err)
		return
	}
	c.hub.refresh()
	w.WriteHeader(http.StatusNoContent)
}

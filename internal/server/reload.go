package server

import (
	"context"
	"time"
)

// reload reads the configuration, the credentials and the certificate again.
// What is wrong with any of them leaves all as it was.
func (v *Server) reload(ctx context.Context) {
	v.notifier.reloading(ctx, monotonic())
	defer v.notifier.ready(ctx)
	config, err := v.renewed()
	if err != nil {
		v.tell("nothing was changed: " + err.Error())
		return
	}
	for _, key := range config.changed(v.config) {
		v.tell(key + " has changed: that holds from the next start on")
	}
	v.config = config
	if v.s.ConfigPath != "" {
		v.declared.apply(ctx, config.Channels, false)
	}
	v.tell("the configuration was read again")
}

// renewed reads the files again, and puts the credentials and the certificate into use.
func (v *Server) renewed() (*Config, error) {
	config := v.config
	if v.s.ConfigPath != "" {
		var err error
		if config, err = ReadConfig(v.s.ConfigPath, v.config.defaults); err != nil {
			return nil, err
		}
	}
	credentials, err := v.o.readCredentials()
	if err != nil {
		return nil, err
	}
	cert, err := v.o.certificate(time.Now())
	if err != nil {
		return nil, err
	}
	v.access.current.Store(credentials)
	v.cert.Store(cert)
	return config, nil
}

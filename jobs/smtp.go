package jobs

import (
	"wattdue/config"
	"wattdue/mailing"
)

// smtpOf makes the SMTP transport of the configuration.
func smtpOf(c config.Mail) (mailing.Transport, error) {
	t := mailing.SMTP{Host: c.Host, Port: c.Port, User: c.User}
	switch c.TLS {
	case "implicit":
		t.Security = mailing.TLS
	case "none":
		t.Security = mailing.Plaintext
	default:
		t.Security = mailing.StartTLS
	}
	if c.PasswordFile != "" {
		secret, err := config.ReadSecret(c.PasswordFile)
		if err != nil {
			return nil, err
		}
		t.Password = secret
	}
	return t, nil
}

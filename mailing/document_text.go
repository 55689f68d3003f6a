package mailing

// documentText and documentHTML say the same. The HTML has inline styles only and loads nothing from elsewhere: no
// picture, no font, no tracking.

const documentText = `Guten Tag{{with .Name}} {{.}}{{end}},

anbei erhalten Sie Ihre {{.Heading}} {{.Number}} als PDF.

{{.Heading}}snummer:      {{.Number}}
Datum:                {{.Issued}}
Abrechnungszeitraum:  {{.Period}}
Betrag:               {{.Amount}}

{{.Payment}}

Haben Sie Fragen? Antworten Sie einfach auf diese E-Mail.

Freundliche Grüße
{{.Issuer}}

-- 
{{range .Legal}}{{.}}
{{end}}`

const documentHTML = `<!DOCTYPE html>
<html lang="de">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>{{.Heading}} {{.Number}}</title></head>
<body style="margin:0;padding:0;background-color:#f3f5f7;">
<table role="presentation" width="100%" cellpadding="0" cellspacing="0" style="background-color:#f3f5f7;">
<tr><td align="center" style="padding:24px 12px;">
<table role="presentation" width="600" cellpadding="0" cellspacing="0" style="width:100%;max-width:600px;background-color:#ffffff;border-radius:8px;font-family:Helvetica,Arial,sans-serif;font-size:16px;line-height:24px;color:#1d2733;">
<tr><td style="padding:24px 32px;border-bottom:3px solid #0f766e;font-size:18px;font-weight:bold;">{{.Issuer}}</td></tr>
<tr><td style="padding:28px 32px 0 32px;">Guten Tag{{with .Name}} {{.}}{{end}},</td></tr>
<tr><td style="padding:16px 32px 0 32px;">anbei erhalten Sie Ihre {{.Heading}} {{.Number}} als PDF.</td></tr>
<tr><td style="padding:20px 32px 0 32px;">
<table role="presentation" width="100%" cellpadding="0" cellspacing="0" style="background-color:#f3f8f7;border-radius:6px;font-size:15px;">
<tr><td style="padding:14px 16px 4px 16px;color:#52606d;">{{.Heading}}snummer</td><td align="right" style="padding:14px 16px 4px 16px;">{{.Number}}</td></tr>
<tr><td style="padding:4px 16px;color:#52606d;">Datum</td><td align="right" style="padding:4px 16px;">{{.Issued}}</td></tr>
<tr><td style="padding:4px 16px;color:#52606d;">Abrechnungszeitraum</td><td align="right" style="padding:4px 16px;">{{.Period}}</td></tr>
<tr><td style="padding:4px 16px 14px 16px;color:#52606d;">Betrag</td><td align="right" style="padding:4px 16px 14px 16px;font-size:18px;font-weight:bold;">{{.Amount}}</td></tr>
</table></td></tr>
<tr><td style="padding:20px 32px 0 32px;">{{.Payment}}</td></tr>
<tr><td style="padding:20px 32px 0 32px;">Haben Sie Fragen? Antworten Sie einfach auf diese E-Mail.</td></tr>
<tr><td style="padding:20px 32px 28px 32px;">Freundliche Grüße<br>{{.Issuer}}</td></tr>
<tr><td style="padding:16px 32px 24px 32px;border-top:1px solid #e4e8ec;font-size:12px;line-height:18px;color:#6b7785;">{{range $i, $line := .Legal}}{{if $i}}<br>{{end}}{{$line}}{{end}}</td></tr>
</table>
</td></tr>
</table>
</body>
</html>
`

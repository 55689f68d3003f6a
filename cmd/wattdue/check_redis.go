package main

import (
	"context"

	"github.com/redis/go-redis/v9"

	"wattdue/config"
	"wattdue/jobs"
)

// mute keeps the Redis client from writing to standard error beside us: whoever asked for Redis gets its errors.
type mute struct{}

// Printf says nothing.
func (mute) Printf(context.Context, string, ...any) {}

// checkRedis wants a Redis that answers and does not drop work by itself.
func checkRedis(ctx context.Context, cfg config.Config, address string) jobs.Finding {
	f := jobs.Finding{Area: "installation", Name: "queue", Grade: jobs.GradeFail}
	opt, err := jobs.RedisOption(address)
	if err != nil {
		f.Text, f.ToDo = err.Error(), "correct redis_url"
		return f
	}
	client, ok := opt.MakeRedisClient().(redis.UniversalClient)
	if !ok {
		f.Text, f.ToDo = "the address gives no usable client", "correct redis_url"
		return f
	}
	client = impatient(client)
	defer func() { _ = client.Close() }()
	if err := client.Ping(ctx).Err(); err != nil {
		f.Text, f.ToDo = "no redis: "+err.Error(), "check redis_url; no work is lost, it waits in the database"
		return f
	}
	policy, err := client.ConfigGet(ctx, "maxmemory-policy").Result()
	switch p := policy["maxmemory-policy"]; {
	case err != nil:
		f.Grade, f.Text, f.ToDo = jobs.GradeWarn, "answers, but does not tell its memory policy", "make sure that it is noeviction"
	case p == "noeviction":
		f.Grade, f.Text = jobs.GradeOK, "answers, memory policy noeviction"
	default:
		f.Text, f.ToDo = "answers, but memory policy "+p+" may drop queued work", "set maxmemory-policy noeviction"
		if cfg.Mode != config.Production {
			f.Grade = jobs.GradeWarn
		}
	}
	return f
}

// impatient returns a client that tries once: a check wants to know, not to wait.
func impatient(client redis.UniversalClient) redis.UniversalClient {
	one, ok := client.(*redis.Client)
	if !ok {
		return client
	}
	o := *one.Options()
	_ = one.Close()
	o.MaxRetries, o.DialerRetries = -1, 1
	return redis.NewClient(&o)
}

package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"

	"wattdue/archive"
	"wattdue/config"
	"wattdue/dev/local"
	"wattdue/jobs"
	"wattdue/sql/store"
)

// app is what a command works with: configuration, database, queue address and archive.
type app struct {
	*jobs.Env
	redisURL string
	ownerURL string
	server   *local.Server
}

// load reads the configuration and refuses what makes no sense.
func (c *cli) load() (config.Config, error) {
	flags := map[string]string{}
	for k, v := range c.Set {
		flags[k] = v
	}
	cfg, err := config.Load(config.Source{File: c.Config, Environ: os.Environ(), Flags: flags})
	if err == nil {
		err = cfg.Validate()
	}
	if err != nil {
		return cfg, usageError{err}
	}
	if c.Tenant == "" {
		c.Tenant = cfg.Tenant
	}
	return cfg, nil
}

// open loads the configuration and connects. Without addresses, in dev mode, it uses the private servers, which it
// starts when they do not run and migrates as needed.
func (c *cli) open(ctx context.Context, con *terminal) (*app, error) {
	cfg, err := c.load()
	if err != nil {
		return nil, err
	}
	return connect(ctx, cfg, newLog(cfg, con.err), con)
}

func connect(ctx context.Context, cfg config.Config, log *slog.Logger, con *terminal) (*app, error) {
	a := &app{redisURL: cfg.RedisURL, ownerURL: cfg.OwnerURL()}
	appURL := cfg.DatabaseURL
	if cfg.DatabaseURL == "" || cfg.RedisURL == "" {
		if err := a.startLocal(ctx, cfg, con); err != nil {
			return nil, err
		}
		if appURL == "" {
			if err := a.privateDatabase(ctx); err != nil {
				return nil, errors.Join(err, a.close(ctx))
			}
			appURL = a.server.DatabaseURL(store.RoleApp, databaseName)
		}
	}
	db, err := store.Open(ctx, appURL, 3*cfg.Jobs.Concurrency+8)
	if err != nil {
		return nil, errors.Join(err, a.close(ctx))
	}
	a.Env = &jobs.Env{DB: db}
	if err := db.CheckSchema(ctx); err != nil {
		return nil, errors.Join(err, a.close(ctx))
	}
	vault, err := openVault(ctx, cfg, db)
	if err != nil {
		return nil, errors.Join(err, a.close(ctx))
	}
	a.Env = jobs.NewEnv(db, vault, cfg, log, "wattdue "+version)
	return a, nil
}

// databaseName is the database on the private server.
const databaseName = "wattdue"

func (a *app) startLocal(ctx context.Context, cfg config.Config, con *terminal) error {
	dir := cfg.Local.Dir
	if dir == "" {
		var err error
		if dir, err = local.DefaultDir(); err != nil {
			return err
		}
	}
	server, err := local.Start(ctx, local.Options{
		Dir: dir, Fsync: cfg.Local.Fsync, Fetch: cfg.Local.Fetch, PostgresBin: cfg.Local.PostgresBin, RedisServer: cfg.Local.RedisServer,
		Log: func(line string) { _, _ = fmt.Fprintln(con.err, line) },
	})
	if err != nil {
		return err
	}
	a.server = server
	if a.redisURL == "" {
		a.redisURL = server.RedisURL()
	}
	return nil
}

// privateDatabase makes and migrates the database on the private server.
func (a *app) privateDatabase(ctx context.Context) error {
	if err := store.EnsureDatabase(ctx, a.server.DatabaseURL(local.Superuser, "postgres"), databaseName); err != nil {
		return err
	}
	a.ownerURL = a.server.DatabaseURL(local.Superuser, databaseName)
	_, err := store.Migrate(ctx, a.ownerURL, false)
	return err
}

func openVault(ctx context.Context, cfg config.Config, db *store.DB) (*jobs.Vault, error) {
	location := cfg.Archive.URL
	if location == "" {
		location = cfg.Archive.Dir
	}
	blobs, err := archive.OpenStore(ctx, location, archive.Options{Sync: cfg.Mode == config.Production || cfg.Local.Fsync})
	if err != nil {
		return nil, err
	}
	var master [32]byte
	if cfg.Archive.MasterKeyFile != "" {
		master, err = archive.ReadMasterKey(cfg.Archive.MasterKeyFile)
	} else {
		master, err = archive.EnsureMasterKey(filepath.Join(filepath.Dir(filepath.Clean(cfg.Archive.Dir)), "master.key"))
	}
	if err != nil {
		return nil, err
	}
	return jobs.NewVault(db, blobs, master), nil
}

// close releases everything; the private servers stop with their last user.
func (a *app) close(ctx context.Context) error {
	var err error
	if a.Env != nil && a.DB != nil {
		err = a.DB.Close()
	}
	if a.server != nil {
		err = errors.Join(err, a.server.Stop(context.WithoutCancel(ctx)))
	}
	return err
}

// tenant returns the tenant to act for: the one named, else the only one there is.
func (a *app) tenant(ctx context.Context, code string) (store.Tenant, error) {
	if code != "" {
		return a.DB.Tenant(ctx, code)
	}
	all, err := a.DB.Tenants(ctx)
	switch {
	case err != nil:
		return store.Tenant{}, err
	case len(all) == 0:
		return store.Tenant{}, errors.New("there is no tenant yet; load one with: wattdue load FILE; or try: wattdue demo")
	case len(all) > 1:
		return store.Tenant{}, usageError{fmt.Errorf("there are %d tenants; name one with --tenant", len(all))}
	}
	return all[0], nil
}

// withApp opens the app for one command and closes it after.
func (c *cli) withApp(ctx context.Context, con *terminal, f func(*app) error) error {
	a, err := c.open(ctx, con)
	if err != nil {
		return err
	}
	return errors.Join(f(a), a.close(ctx))
}

// withTenant opens the app for one command on one tenant.
func (c *cli) withTenant(ctx context.Context, con *terminal, f func(*app, store.Tenant) error) error {
	return c.withApp(ctx, con, func(a *app) error {
		t, err := a.tenant(ctx, c.Tenant)
		if err != nil {
			return err
		}
		return f(a, t)
	})
}

func newLog(cfg config.Config, w io.Writer) *slog.Logger {
	var level slog.Level
	if level.UnmarshalText([]byte(cfg.Log.Level)) != nil {
		level = slog.LevelInfo
	}
	if cfg.Log.Format == "json" {
		return slog.New(slog.NewJSONHandler(w, &slog.HandlerOptions{Level: level}))
	}
	return slog.New(slog.NewTextHandler(w, &slog.HandlerOptions{Level: level}))
}

using Dapper;
using Parley.Hub.Identity;
using Parley.Protocol.Errors;

namespace Parley.Tests.Hub;

public sealed class ApiKeysTests : IAsyncLifetime
{
    private readonly IdentityKit _kit = new();

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => _kit.DisposeAsync();

    [Fact]
    public async Task A_key_opens_with_its_secret_also_after_a_restart()
    {
        var (key, secret) = await _kit.Keys.CreateAsync("alice", ApiScopes.Default, null, "admin");

        var again = new IdentityKit(_kit.Store);
        await again.Keys.LoadAsync();

        Assert.StartsWith("pk_", secret, StringComparison.Ordinal);
        Assert.Equal(key.Id, again.Keys.Find(secret)!.Id);
        Assert.Equal(ApiScopes.Default, again.Keys.Find(secret)!.Scopes);
    }

    [Fact]
    public async Task Unknown_expired_and_revoked_keys_open_nothing()
    {
        var (_, expired) = await _kit.Keys.CreateAsync("alice", ApiScopes.Default, TimeSpan.FromHours(1), "admin");
        var (revokedKey, revoked) = await _kit.Keys.CreateAsync("alice", ApiScopes.Default, null, "admin");
        await _kit.Keys.RevokeAsync(revokedKey.Id);
        _kit.Time.Advance(TimeSpan.FromHours(1));

        Assert.Null(_kit.Keys.Find("pk_unknown"));
        Assert.Null(_kit.Keys.Find(string.Empty));
        Assert.Null(_kit.Keys.Find(expired));
        Assert.Null(_kit.Keys.Find(revoked));
    }

    [Fact]
    public async Task What_a_key_began_ends_when_it_is_revoked_or_expires()
    {
        var (revoked, _) = await _kit.Keys.CreateAsync("alice", ApiScopes.Default, null, "admin");
        var (expired, _) = await _kit.Keys.CreateAsync("alice", ApiScopes.Default, TimeSpan.FromHours(1), "admin");
        var (good, _) = await _kit.Keys.CreateAsync("alice", ApiScopes.Default, TimeSpan.FromHours(2), "admin");
        var ends = new[] { _kit.Keys.EndOf(revoked), _kit.Keys.EndOf(expired), _kit.Keys.EndOf(good) };

        await _kit.Keys.RevokeAsync(revoked.Id);
        var afterRevocation = ends.Select(end => end.IsCancellationRequested).ToList();
        _kit.Time.Advance(TimeSpan.FromHours(1));
        _kit.Keys.EndExpired();

        Assert.Equal([true, false, false], afterRevocation);
        Assert.Equal([true, true, false], ends.Select(end => end.IsCancellationRequested));
        Assert.True(_kit.Keys.EndOf(revoked).IsCancellationRequested);
    }

    [Fact]
    public async Task The_secret_is_not_in_the_store()
    {
        var (_, secret) = await _kit.Keys.CreateAsync("alice", ApiScopes.Default, null, "admin");

        var row = await _kit.Store.ReadAsync(connection => connection.QuerySingle<string>("SELECT id || owner || scopes || created_by || hex(secret_hash) FROM api_keys"));

        Assert.DoesNotContain(secret, row, StringComparison.OrdinalIgnoreCase);
        Assert.Contains(Convert.ToHexString(Secrets.Hash(secret)), row, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_use_is_noted_to_the_hour()
    {
        var (_, secret) = await _kit.Keys.CreateAsync("alice", ApiScopes.Default, null, "admin");
        _kit.Keys.Find(secret);
        var first = _kit.Time.GetUtcNow();
        _kit.Time.Advance(TimeSpan.FromMinutes(59));

        _kit.Keys.Find(secret);

        Assert.Equal(first, Assert.Single(_kit.Keys.List()).LastUsedAt);
    }

    [Fact]
    public async Task A_key_is_revoked_once()
    {
        var (key, _) = await _kit.Keys.CreateAsync("alice", ApiScopes.Default, null, "admin");

        await _kit.Keys.RevokeAsync(key.Id);
        var refusal = await Assert.ThrowsAsync<ParleyException>(() => _kit.Keys.RevokeAsync(key.Id));

        Assert.Equal(ErrorCode.NotFound, refusal.Code);
    }

    [Fact]
    public void Scopes_are_names_and_nothing_else()
    {
        Assert.Equal(ApiScopes.Default, ApiScopesText.Parse(null));
        Assert.Equal(["messages", "admin"], ApiScopesText.Parse(["admin", "messages"]).ToNames());
        Assert.Throws<ParleyException>(() => ApiScopesText.Parse(["root"]));
    }
}

using Parley.Hub.Identity.Keys;
using Parley.Hub.Identity;
using Parley.Protocol.Errors;
using Parley.Protocol.Management;
using Parley.Testing;

namespace Parley.Tests.Hub;

public sealed class EnrolmentTests : IAsyncLifetime
{
    private readonly IdentityKit _kit = new();
    private readonly ApiAgent _keys = new();

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        _keys.Dispose();
        await _kit.DisposeAsync();
    }

    [Fact]
    public async Task A_good_token_and_a_good_proof_make_an_agent()
    {
        var (_, secret) = await _kit.Tokens.CreateAsync(IdentityKit.Wish("acme", "site=berlin"), "admin");

        var agent = await EnrolAsync(secret, "printer", labels: "os=linux");

        Assert.Equal("acme.printer", agent.Address.ToString());
        Assert.Equal(["os=linux", "site=berlin"], agent.Labels.Select(label => $"{label.Key}={label.Value}"));
        Assert.Equal(_keys.Identity.PublicKey.ToArray(), _kit.Agents.Find(agent.Address)!.PublicKey);
    }

    [Fact]
    public async Task Of_a_hundred_that_redeem_at_once_exactly_the_allowed_ones_win()
    {
        var (_, secret) = await _kit.Tokens.CreateAsync(IdentityKit.Wish(maxUses: 7), "admin");

        var attempts = await Task.WhenAll(Enumerable.Range(0, 100).Select(number => Task.Run(() => TryJoinAsync(secret, $"agent-{number}"))));

        Assert.Equal(7, attempts.Count(code => code is null));
        Assert.All(attempts.Where(code => code is not null), code => Assert.Equal(ErrorCode.JoinRefused, code));
        Assert.Equal(7, _kit.Agents.Count);
    }

    [Fact]
    public async Task A_token_enrols_no_more_agents_than_it_may()
    {
        var (_, secret) = await _kit.Tokens.CreateAsync(IdentityKit.Wish(maxAgents: 1), "admin");
        var first = await _kit.JoinAsync(secret, "first");

        Assert.Equal(ErrorCode.JoinLimit, await TryJoinAsync(secret, "second"));
        await _kit.Agents.RemoveAsync(first.Address);

        Assert.Null(await TryJoinAsync(secret, "second"));
    }

    [Fact]
    public async Task Unknown_spent_expired_and_revoked_tokens_answer_alike()
    {
        var (_, spent) = await _kit.Tokens.CreateAsync(IdentityKit.Wish(maxUses: 1), "admin");
        await _kit.JoinAsync(spent, "one");
        var (revokedToken, revoked) = await _kit.Tokens.CreateAsync(IdentityKit.Wish(), "admin");
        await _kit.Tokens.RevokeAsync(revokedToken.Id, keepAgents: false);
        var (_, expired) = await _kit.Tokens.CreateAsync(IdentityKit.Wish(lifetime: TimeSpan.FromHours(1)), "admin");
        _kit.Time.Advance(TimeSpan.FromHours(1));

        var refusals = new List<ParleyException>();
        foreach (var secret in new[] { "jt_unknown", spent, revoked, expired })
        {
            refusals.Add(await Assert.ThrowsAsync<ParleyException>(() => EnrolAsync(secret, "agent-x")));
        }

        Assert.All(refusals, refusal => Assert.Equal(ErrorCode.JoinRefused, refusal.Code));
        Assert.Single(refusals.Select(refusal => refusal.Message).Distinct());
    }

    [Theory]
    [InlineData("site=paris", ErrorCode.JoinLabels)]
    [InlineData("site=berlin", null)]
    public async Task Labels_that_the_token_sets_cannot_be_said_otherwise(string wished, ErrorCode? expected)
    {
        var (_, secret) = await _kit.Tokens.CreateAsync(IdentityKit.Wish(labels: "site=berlin"), "admin");

        Assert.Equal(expected, await TryJoinAsync(secret, "agent-x", wished));
    }

    [Theory]
    [InlineData("taken", ErrorCode.NameTaken)]
    [InlineData("api", ErrorCode.NameReserved)]
    [InlineData("Über", ErrorCode.NameInvalid)]
    public async Task A_name_that_cannot_be_had_is_refused(string name, ErrorCode expected)
    {
        await _kit.AddAsync("local", "taken");
        var (_, secret) = await _kit.Tokens.CreateAsync(IdentityKit.Wish(), "admin");

        Assert.Equal(expected, await TryJoinAsync(secret, name));
    }

    [Fact]
    public async Task A_refused_attempt_does_not_use_up_the_token()
    {
        await _kit.AddAsync("local", "taken");
        var (_, secret) = await _kit.Tokens.CreateAsync(IdentityKit.Wish(maxUses: 1), "admin");
        await TryJoinAsync(secret, "taken");

        Assert.Null(await TryJoinAsync(secret, "free"));
    }

    [Fact]
    public async Task Without_a_name_the_hub_chooses_one()
    {
        var (_, secret) = await _kit.Tokens.CreateAsync(IdentityKit.Wish(), "admin");

        var agent = await EnrolAsync(secret, string.Empty);

        Assert.StartsWith("agent-", agent.Address.Name, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_key_enrols_once()
    {
        var (_, secret) = await _kit.Tokens.CreateAsync(IdentityKit.Wish(), "admin");
        await EnrolAsync(secret, "one");

        var refusal = await Assert.ThrowsAsync<ParleyException>(() => EnrolAsync(secret, "two"));

        Assert.Equal(ErrorCode.JoinAlready, refusal.Code);
    }

    [Theory]
    [InlineData("one")]
    [InlineData("")]
    public async Task A_home_that_lost_the_answer_gets_it_again_by_the_same_token(string name)
    {
        var (token, secret) = await _kit.Tokens.CreateAsync(IdentityKit.Wish(maxUses: 1), "admin");
        var first = await EnrolAsync(secret, name);

        var again = await EnrolAsync(secret, name);

        Assert.Equal((first.Id, first.Address), (again.Id, again.Address));
        Assert.Equal(1, (await _kit.Tokens.ListAsync()).Single(one => one.Id == token.Id).Uses);
        Assert.Equal(ErrorCode.JoinRefused, await TryJoinAsync(secret, "two"));
        Assert.Equal(ErrorCode.JoinRefused, (await Assert.ThrowsAsync<ParleyException>(() => EnrolAsync(secret, "other"))).Code);
    }

    [Fact]
    public async Task A_reset_agent_that_lost_the_answer_gets_it_again()
    {
        var before = await _kit.AddAsync("local", "agent-x");
        await _kit.Agents.ResetKeyAsync(before.Address);
        var (_, secret) = await _kit.Tokens.CreateAsync(IdentityKit.Wish(maxUses: 1) with { AgentId = before.Id }, "admin");
        await EnrolAsync(secret, string.Empty);

        var again = await EnrolAsync(secret, string.Empty);

        Assert.Equal(before.Address, again.Address);
    }

    [Fact]
    public async Task A_proof_made_for_another_hub_key_name_or_token_is_refused()
    {
        var (_, secret) = await _kit.Tokens.CreateAsync(IdentityKit.Wish(), "admin");
        var (_, other) = await _kit.Tokens.CreateAsync(IdentityKit.Wish(), "admin");
        var good = _keys.Request(IdentityKit.HubId, secret, "agent-x", _kit.Time.GetUtcNow());
        EnrolRequest[] bad =
        [
            _keys.Request("hub-bbbbbbbbbbbbbbbb", secret, "agent-x", _kit.Time.GetUtcNow()),
            _keys.Request(IdentityKit.HubId, secret, "agent-x", _kit.Time.GetUtcNow(), new byte[32]),
            good with { Name = "agent-y" },
            good with { Token = other },
            good with { SignedAt = good.SignedAt + 1 },
            good with { TlsKey = new byte[32] },
            good with { Signature = new byte[64] },
            good with { Signature = [] },
        ];

        foreach (var request in bad)
        {
            var refusal = await Assert.ThrowsAsync<ParleyException>(() => _kit.Enrolment.EnrolAsync(request, [], "test"));
            Assert.Equal(ErrorCode.LinkProof, refusal.Code);
        }

        Assert.Equal(0, _kit.Agents.Count);
    }

    [Fact]
    public async Task A_wrong_clock_is_named()
    {
        var (_, secret) = await _kit.Tokens.CreateAsync(IdentityKit.Wish(), "admin");
        var request = _keys.Request(IdentityKit.HubId, secret, "agent-x", _kit.Time.GetUtcNow() + TimeSpan.FromDays(2));

        var refusal = await Assert.ThrowsAsync<ParleyException>(() => _kit.Enrolment.EnrolAsync(request, [], "test"));

        Assert.Contains("clock", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_enrolment_is_in_the_audit_without_the_secret()
    {
        var (token, secret) = await _kit.Tokens.CreateAsync(IdentityKit.Wish(), "admin");
        await EnrolAsync(secret, "agent-x");

        var (rows, _) = await _kit.Audit.ListAsync(10, 0);

        var row = Assert.Single(rows);
        Assert.Equal(("agents.enrol", "local.agent-x", token.Id), (row.Act, row.Target, row.Detail));
        Assert.DoesNotContain(secret, string.Join(' ', rows), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_reset_agent_gets_its_new_key_by_its_own_token_only_once()
    {
        var before = await _kit.AddAsync("local", "agent-x");
        await _kit.Agents.ResetKeyAsync(before.Address);
        var (_, secret) = await _kit.Tokens.CreateAsync(IdentityKit.Wish() with { AgentId = before.Id }, "admin");

        var after = await EnrolAsync(secret, string.Empty);

        Assert.Equal((before.Id, before.Address), (after.Id, after.Address));
        Assert.Equal(_keys.Identity.PublicKey.ToArray(), _kit.Agents.Find(before.Address)!.PublicKey);
        Assert.Equal(ErrorCode.JoinRefused, await TryJoinAsync(secret, string.Empty));
    }

    private Task<Agent> EnrolAsync(string secret, string name, string? labels = null) =>
        _kit.Enrolment.EnrolAsync(_keys.Request(IdentityKit.HubId, secret, name, _kit.Time.GetUtcNow(), labels: labels), [], "test");

    private async Task<ErrorCode?> TryJoinAsync(string secret, string name, string? labels = null)
    {
        try
        {
            await _kit.JoinAsync(secret, name, labels);
            return null;
        }
        catch (ParleyException exception)
        {
            return exception.Code;
        }
    }
}

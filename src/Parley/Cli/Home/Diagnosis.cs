using System.Text.Json;
using Parley.Client.Config;
using Parley.Client.HubApi;
using Parley.Client.HubLink;
using Parley.Client.Messaging;
using Parley.Crypto;
using Parley.Protocol.Errors;
using Parley.Protocol.Identity;
using Parley.Protocol.Management;
using Parley.Protocol.Wire;

namespace Parley.Cli.Home;

/// <summary>The checks of <c>parley doctor</c>, from the home outward; one that fails ends those that stand on it.</summary>
internal sealed class Diagnosis(CommandContext context)
{
    // Enrolment bears a day; certificates and times to live bear less.
    private static readonly TimeSpan _clockTolerance = TimeSpan.FromSeconds(30);

    private readonly List<CheckResult> _results = [];
    private CheckResult[]? _reach;

    /// <summary>Runs the checks.</summary>
    public async Task<IReadOnlyList<CheckResult>> RunAsync(CancellationToken cancellationToken)
    {
        if (Check("OpenSSL", () => Ed25519Key.Generate().Dispose(), "Ed25519 works") &&
            Check("home", context.OpenHome, home => $"{home.FullPath}, closed to others") is { } home &&
            Check("keys", () => HomeIdentity.Load(home), identity => identity.Fingerprint) is { } identity)
        {
            using (identity)
            {
                if (Check("profile", () => HubProfile.Load(home), profile => $"{profile.Agent} at {profile.Http}") is { } profile)
                {
                    await CheckHubAsync(profile, identity, cancellationToken);
                }
            }
        }

        return _results;
    }

    private async Task CheckHubAsync(HubProfile profile, HomeIdentity identity, CancellationToken cancellationToken)
    {
        if (await CheckAsync("hub", () => ReadClockAsync(profile, cancellationToken)))
        {
            await CheckAsync("link over gRPC", () => TryLinkAsync(new GrpcLinkDialer(profile), profile, identity, cancellationToken));
            await CheckAsync("link over WebSocket", () => TryLinkAsync(new WebSocketLinkDialer(profile), profile, identity, cancellationToken));
            _results.AddRange(_reach ?? []);
        }
    }

    private async Task<string> ReadClockAsync(HubProfile profile, CancellationToken cancellationToken)
    {
        using var client = new HubApiClient(profile.Http, profile.Pin, profile.AllowInsecure, key: null);
        var clock = await client.ReadClockAsync(cancellationToken);
        var difference = clock is { } hub ? (hub - context.Time.GetUtcNow()).Duration() : TimeSpan.Zero;
        _results.Add(difference <= _clockTolerance
            ? new CheckResult("clock", true, $"within {Math.Ceiling(difference.TotalSeconds)} s of the hub's")
            : new CheckResult("clock", false, $"{Math.Round(difference.TotalSeconds)} s off the hub's", "the owner of the machine whose clock is wrong"));
        var trust = profile switch { { Pin: not null } => "its key is the pinned one", { Http.Scheme: "https" } => "its certificate is trusted", _ => "plain HTTP" };
        return $"answers at {Addresses.Text(profile.Http)}, {trust}";
    }

    private async Task<string> TryLinkAsync(ILinkDialer dialer, HubProfile profile, HomeIdentity identity, CancellationToken cancellationToken)
    {
        var options = new HubLinkOptions { Role = SessionRole.Caller, FailsFast = true, Software = Versions.Software };
        await using var link = new HubLink(
            options, dialer, profile, identity, new Sender(context.Time, context.FillRandom), context.Time, context.FillRandom, context.Loggers.CreateLogger("Parley.Link"));
        link.Start();
        var welcome = await link.WaitConnectedAsync(cancellationToken);
        _reach ??= await ReadReachAsync(link, profile.Agent, cancellationToken);
        return $"stands, as {welcome.Address}";
    }

    private static async Task<CheckResult[]> ReadReachAsync(HubLink link, AgentAddress self, CancellationToken cancellationToken)
    {
        var json = ManagementJson.Answers;
        using var agent = await link.CallAsync("agents.get", JsonSerializer.SerializeToUtf8Bytes(new AgentArguments(self.ToString()), json.AgentArguments), cancellationToken);
        var contacts = await WholeList.ReadAsync(link, "contacts.list", null, json.PageContactView, static contact => contact.Sender, cancellationToken);
        return
        [
            new CheckResult("seen by", true, Reach.SeenBy(agent.Deserialize(json.ItemAgentView)!.Data)),
            new CheckResult("written to by", true, Reach.WrittenToBy(self, contacts.Data)),
        ];
    }

    private bool Check(string name, Action check, string found) =>
        Check(name, () => { check(); return name; }, _ => found) is not null;

    private T? Check<T>(string name, Func<T> check, Func<T, string> found)
        where T : class
    {
        try
        {
            var result = check();
            _results.Add(new CheckResult(name, true, found(result)));
            return result;
        }
        catch (Exception exception) when (exception is ParleyException or OpenSslMissingException)
        {
            Fail(name, exception);
            return null;
        }
    }

    private async Task<bool> CheckAsync(string name, Func<Task<string>> check)
    {
        try
        {
            _results.Add(new CheckResult(name, true, await check()));
            return true;
        }
        catch (ParleyException exception)
        {
            Fail(name, exception);
            return false;
        }
    }

    private void Fail(string name, Exception exception)
    {
        var code = exception is ParleyException refusal ? refusal.Code : ErrorCode.OpenSslMissing;
        _results.Add(new CheckResult(name, false, exception.Message, ErrorMap.Of(code).Fixer));
    }
}

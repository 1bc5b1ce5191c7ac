using Parley.Client.Config;
using Parley.Client.Enrolment;
using Parley.Client.HubApi;
using Parley.Client.HubLink;
using Parley.Client.Load;
using Parley.Protocol.Errors;
using Parley.Protocol.Identity;
using Parley.Protocol.Management;
using Parley.Protocol.Wire;

namespace Parley.Cli.Bench;

/// <summary>Agents that exist for one load: enrolled with homes in a folder that is gone afterwards, and removed from the hub however the load ends.</summary>
internal sealed class BenchAgents : IAsyncDisposable
{
    private const int AtOnce = 8;

    // A hub that does not answer must not hold up the end for longer.
    private static readonly TimeSpan _cleanUpLimit = TimeSpan.FromSeconds(15);

    private readonly List<LoadAgent> _agents = [];
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("parley-bench-");
    private readonly CommandContext _context;
    private readonly JoinString _join;
    private readonly HubApiClient? _admin;
    private readonly string? _token;
    private readonly string _series;

    private BenchAgents(CommandContext context, JoinString join, HubApiClient? admin, string? token, string series) =>
        (_context, _join, _admin, _token, _series) = (context, join, admin, token, series);

    /// <summary>Agents of a join string that is good for as many.</summary>
    public static BenchAgents WithJoin(CommandContext context, JoinString join) => new(context, join, null, null, SeriesOf(context));

    /// <summary>Agents of a token that the admin key makes, under an owner of their own.</summary>
    /// <param name="context">The world of the command.</param>
    /// <param name="admin">A client with the admin key; disposed here.</param>
    /// <param name="count">How many agents.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public static async Task<BenchAgents> WithAdminAsync(CommandContext context, HubApiClient admin, int count, CancellationToken cancellationToken)
    {
        var series = SeriesOf(context);
        var arguments = new TokenArguments($"bench-{series}", null, count, 0, (long)TimeSpan.FromHours(1).TotalSeconds);
        var json = ManagementJson.Answers;
        var made = (await admin.PostAsync("/api/tokens", arguments, json.TokenArguments, json.ItemNewToken, cancellationToken)).Data;
        return new BenchAgents(context, JoinString.Parse(made.Join), admin, made.Id, series);
    }

    /// <summary>Enrols one more.</summary>
    public async Task<LoadAgent> AddAsync(CancellationToken cancellationToken)
    {
        var name = $"bench-{_series}-{_agents.Count}";
        var home = HomeFolder.Open(Path.Combine(_folder.FullName, name), _ => null);
        await new Enroller(_context.Time, _context.FillRandom).JoinAsync(home, _join, name, new Dictionary<string, string>(), allowInsecure: true, cancellationToken);
        var agent = new LoadAgent(HubProfile.Load(home), HomeIdentity.Load(home));
        _agents.Add(agent);
        return agent;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        using var limit = new CancellationTokenSource(_cleanUpLimit, _context.Time);
        try
        {
            if (_admin is not null)
            {
                await _admin.DeleteAsync($"/api/tokens/{_token}", ManagementJson.Answers.ItemRevokedToken, limit.Token);
            }
            else
            {
                await Parallel.ForEachAsync(_agents, new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = limit.Token }, LeaveAsync);
            }
        }
        catch (Exception exception) when (exception is ParleyException or OperationCanceledException)
        {
            _context.Terminal.Note($"the hub still has agents of this load, named bench-{_series}-N: an admin removes them with parley admin agents remove");
        }
        finally
        {
            _admin?.Dispose();
            foreach (var agent in _agents)
            {
                agent.Identity.Dispose();
            }

            _folder.Delete(recursive: true);
        }
    }

    private async ValueTask LeaveAsync(LoadAgent agent, CancellationToken cancellationToken)
    {
        await using var link = LoadLink.Make(agent, SessionRole.Caller, new Nobody(), _context.Time);
        link.Start();
        try
        {
            using var answer = await link.CallAsync("agents.leave", "{}"u8.ToArray(), cancellationToken);
        }
        catch (ParleyException exception) when (exception.Code is ErrorCode.AgentRevoked or ErrorCode.HubUnreachable)
        {
            // The link of an agent that is gone ends, perhaps before the answer comes.
        }
    }

    private static string SeriesOf(CommandContext context)
    {
        Span<byte> random = stackalloc byte[4];
        context.FillRandom(random);
        return Convert.ToHexStringLower(random);
    }

    /// <summary>A link that only calls.</summary>
    private sealed class Nobody : ILinkEvents
    {
        public void OnDelivery(IncomingEnvelope incoming)
        {
        }

        public void OnReceipt(Receipt receipt)
        {
        }

        public void OnConnected(Welcome welcome)
        {
        }

        public void OnDisconnected(string reason)
        {
        }
    }
}

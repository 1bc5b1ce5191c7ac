using Parley.Client.Config;
using Parley.Protocol.Errors;
using Parley.Protocol.Identity;

namespace Parley.Client.Peering.Pins;

/// <summary>The agents that this home has met, by the identity keys that they had: trust on first use, and nobody else under their name afterwards.</summary>
/// <remarks>
/// Kept in <c>known-agents.json</c> (mode 0600), written whole. Processes of one home take turns by a lock, and each change is made to what the file holds at that moment, so none is lost.
/// The file is read at each question: what another process learned counts at once.
/// </remarks>
public sealed class KnownAgents
{
    /// <summary>Most agents that a home remembers.</summary>
    public const int MaxCount = 10_000;

    private const string LockName = "known-agents";
    private const int LockTries = 200;

    private static readonly TimeSpan _lockWait = TimeSpan.FromMilliseconds(10);

    private readonly HomeFolder _home;
    private readonly TimeProvider _time;

    /// <summary>The agents that a home knows.</summary>
    public KnownAgents(HomeFolder home, TimeProvider time) => (_home, _time) = (home, time);

    /// <summary>All of them, by address.</summary>
    /// <exception cref="ParleyException"><see cref="ErrorCode.FilePermissions"/>, <see cref="ErrorCode.IntegrityFailed"/>.</exception>
    public IReadOnlyList<KnownAgent> List(string hubId) => [.. Read().Where(agent => agent.HubId == hubId).OrderBy(agent => agent.Address)];

    /// <summary>One of them; null when this home never met it.</summary>
    /// <exception cref="ParleyException"><see cref="ErrorCode.FilePermissions"/>, <see cref="ErrorCode.IntegrityFailed"/>.</exception>
    public KnownAgent? Find(string hubId, AgentAddress address) => Read().Find(agent => agent.HubId == hubId && agent.Address == address);

    /// <summary>How a key is known, without keeping anything.</summary>
    /// <exception cref="ParleyException"><see cref="ErrorCode.PeerKeyChanged"/>: the agent had another key, or the key was another agent's.</exception>
    public PeerTrust Check(string hubId, AgentAddress address, ReadOnlySpan<byte> key) => Check(Read(), hubId, address, key);

    /// <summary>How a key that was proved is known; at the first meeting it is remembered.</summary>
    /// <exception cref="ParleyException"><see cref="ErrorCode.PeerKeyChanged"/>: the agent had another key, or the key was another agent's.</exception>
    public async Task<PeerTrust> MeetAsync(string hubId, AgentAddress address, ReadOnlyMemory<byte> key, CancellationToken cancellationToken)
    {
        if (Check(hubId, address, key.Span) is var known and not PeerTrust.FirstMeeting)
        {
            return known;
        }

        var trust = PeerTrust.FirstMeeting;
        await ChangeAsync(
            agents =>
            {
                // Another process may have met it meanwhile.
                trust = Check(agents, hubId, address, key.Span);
                if (trust == PeerTrust.FirstMeeting)
                {
                    agents.Add(new KnownAgent(hubId, address, key, _time.GetUtcNow(), null));
                }
            },
            cancellationToken);
        return trust;
    }

    /// <summary>Notes that a person compared the phrase of this key.</summary>
    /// <exception cref="ParleyException"><see cref="ErrorCode.PeerKeyChanged"/>.</exception>
    public Task VerifyAsync(string hubId, AgentAddress address, ReadOnlyMemory<byte> key, CancellationToken cancellationToken) => ChangeAsync(
        agents =>
        {
            Check(agents, hubId, address, key.Span);
            var present = agents.FindIndex(agent => agent.HubId == hubId && agent.Address == address);
            var now = _time.GetUtcNow();
            var verified = new KnownAgent(hubId, address, key, present < 0 ? now : agents[present].FirstMet, now);
            if (present < 0)
            {
                agents.Add(verified);
            }
            else
            {
                agents[present] = verified;
            }
        },
        cancellationToken);

    /// <summary>Forgets an agent: the next meeting is the first one.</summary>
    /// <returns>False when it was not known.</returns>
    public async Task<bool> ForgetAsync(string hubId, AgentAddress address, CancellationToken cancellationToken)
    {
        var count = 0;
        await ChangeAsync(agents => count = agents.RemoveAll(agent => agent.HubId == hubId && agent.Address == address), cancellationToken);
        return count > 0;
    }

    private static PeerTrust Check(List<KnownAgent> agents, string hubId, AgentAddress address, ReadOnlySpan<byte> key)
    {
        foreach (var agent in agents)
        {
            if (agent.HubId != hubId)
            {
                continue;
            }

            var isKey = agent.Key.Span.SequenceEqual(key);
            if (agent.Address == address)
            {
                return isKey
                    ? agent.Trust
                    : throw new ParleyException(
                        ErrorCode.PeerKeyChanged,
                        $"{address} has another key than at the last meeting: it was enrolled anew, or somebody pretends to be it. Ask its owner, then: parley pins forget {address}");
            }

            if (isKey)
            {
                throw new ParleyException(
                    ErrorCode.PeerKeyChanged,
                    $"{address} shows the key of {agent.Address}: it was renamed, or the hub calls one agent by another's name. Ask its owner, then: parley pins forget {agent.Address}");
            }
        }

        return PeerTrust.FirstMeeting;
    }

    private List<KnownAgent> Read() => _home.ReadSecret(KnownAgentsFile.Name) is { } json ? KnownAgentsFile.Read(json) : [];

    private async Task ChangeAsync(Action<List<KnownAgent>> change, CancellationToken cancellationToken)
    {
        using var held = await LockAsync(cancellationToken);
        var agents = Read();
        change(agents);
        if (agents.Count > MaxCount)
        {
            throw new ParleyException(ErrorCode.Conflict, $"This home remembers {MaxCount} agents, which is all it can: forget some with parley pins forget NAME.");
        }

        _home.WriteSecret(KnownAgentsFile.Name, KnownAgentsFile.Write(agents));
    }

    private async Task<IDisposable> LockAsync(CancellationToken cancellationToken)
    {
        for (var attempt = 0; attempt < LockTries; attempt++)
        {
            if (_home.TryLock(LockName) is { } held)
            {
                return held;
            }

            await Task.Delay(_lockWait, _time, cancellationToken);
        }

        throw new ParleyException(ErrorCode.Conflict, $"Another process holds {KnownAgentsFile.Name}: try again.");
    }
}

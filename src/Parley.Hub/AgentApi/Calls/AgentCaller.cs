using System.Collections.Concurrent;
using Parley.Hub.Messaging;
using Parley.Protocol.Identity;
using Parley.Protocol.Messaging;

namespace Parley.Hub.AgentApi.Calls;

/// <summary>Sends messages to agents for callers that are none themselves, and follows what becomes of them.</summary>
internal sealed class AgentCaller
{
    private readonly ConcurrentDictionary<AgentAddress, CallerSession> _sessions = new();
    private readonly Router _router;
    private readonly TimeProvider _time;
    private readonly FillRandom _random;

    /// <summary>A caller in front of a node's router.</summary>
    public AgentCaller(Router router, TimeProvider time, FillRandom random) => (_router, _time, _random) = (router, time, random);

    /// <summary>Calls whose end has not come.</summary>
    public int Count => _sessions.Values.Sum(session => session.Count);

    /// <summary>Sends a message. Whatever becomes of it, a refusal included, is an event of the call.</summary>
    public AgentCall Start(AgentCallRequest request) => Of(request.Sender).Start(request);

    /// <summary>Follows calls of one caller that were accepted before this process started; a reply that came meanwhile is the first event.</summary>
    /// <param name="sender">The address under which they were made.</param>
    /// <param name="known">Ids of the envelopes and their targets.</param>
    public IReadOnlyList<AgentCall> Resume(AgentAddress sender, IReadOnlyList<(string Id, string Target)> known) => Of(sender).Resume(known);

    private CallerSession Of(AgentAddress sender) =>
        _sessions.GetOrAdd(sender, address => new CallerSession(address, _router, _random, _time.GetUtcNow()));
}

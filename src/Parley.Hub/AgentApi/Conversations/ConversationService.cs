using Microsoft.Extensions.Options;
using Parley.Gateway.OpenAi;
using Parley.Hub.AgentApi.Calls;
using Parley.Hub.Identity;
using Parley.Protocol.Errors;
using Parley.Protocol.Identity;
using Parley.Protocol.Link;
using Parley.Protocol.Messaging;

namespace Parley.Hub.AgentApi.Conversations;

/// <summary>Agents as models: which agent a model is, whose thread a request belongs to, and what of it the agent is told.</summary>
internal sealed class ConversationService
{
    /// <summary>The model that is the hub's default agent.</summary>
    public const string DefaultModel = "agent";

    private readonly AgentCaller _calls;
    private readonly IAgentCards _cards;
    private readonly ResponseStore _responses;
    private readonly ConversationOptions _options;
    private readonly FillRandom _random;
    private readonly TimeProvider _time;

    /// <summary>The service of one hub.</summary>
    public ConversationService(
        AgentCaller calls, IAgentCards cards, ResponseStore responses, IOptions<ConversationOptions> options, FillRandom random, TimeProvider time) =>
        (_calls, _cards, _responses, _options, _random, _time) = (calls, cards, responses, options.Value, random, time);

    /// <summary>The models of a caller: a bare name where only one agent of those that the caller may call has it, else <c>owner.name</c>; and the default agent once more.</summary>
    public IReadOnlyList<(string Model, AgentAddress Agent)> ModelsOf(Principal caller)
    {
        var agents = _cards.VisibleTo(caller);
        var names = agents.CountBy(agent => agent.Name).ToDictionary();
        var models = agents.Select(agent => (names[agent.Name] == 1 ? agent.Name : agent.ToString(), agent)).ToList();
        try
        {
            models.Insert(0, (DefaultModel, Find(caller, DefaultModel)));
        }
        catch (ParleyException exception) when (exception.Code == ErrorCode.AgentUnknown)
        {
            // The hub has no default agent, or not for this caller.
        }

        return models;
    }

    /// <summary>The agent that a model is.</summary>
    /// <exception cref="ParleyException"><see cref="ErrorCode.AgentUnknown"/>, <see cref="ErrorCode.AgentAmbiguous"/>.</exception>
    public AgentAddress Find(Principal caller, string model)
    {
        try
        {
            return _cards.Find(caller, model == DefaultModel ? string.Empty : model);
        }
        catch (ParleyException exception) when (exception.Code is ErrorCode.AgentUnknown or ErrorCode.AgentAmbiguous)
        {
            var message = exception.Code == ErrorCode.AgentAmbiguous ? exception.Message
                : model == DefaultModel ? "This hub has no default agent that this key may call: name one as the model, or whoever runs the hub sets one with --default-agent." : "The model does not exist, or this key may not call it.";
            throw new ParleyException(exception.Code, message, exception) { Field = "model" };
        }
    }

    /// <summary>Starts a chat completion.</summary>
    /// <param name="caller">Who asks.</param>
    /// <param name="request">What is asked.</param>
    /// <param name="threadName">The caller's name for a thread; null for none.</param>
    /// <param name="cancellationToken">Ends the start.</param>
    /// <exception cref="ParleyException">The request cannot be served; what becomes of a call that was made is the conversation's to tell.</exception>
    public async Task<Conversation> StartChatAsync(Principal caller, ModelRequest request, string? threadName, CancellationToken cancellationToken)
    {
        var agent = Find(caller, request.Model);
        var id = EnvelopeId.Make(_random).Value;
        var thread = NamedThread(caller, agent, request, threadName);
        var isCarried = thread is null || HasAnswers(request);
        var plan = new ConversationPlan(caller, agent, request, thread ?? string.Empty, isCarried, IsKept: false);
        return Start(thread is null && _options.MatchesHistory ? await MatchAsync(plan, id, cancellationToken) : plan, id);
    }

    /// <summary>Starts a response.</summary>
    /// <param name="caller">Who asks.</param>
    /// <param name="request">What is asked.</param>
    /// <param name="threadName">The caller's name for a thread; null for none.</param>
    /// <param name="cancellationToken">Ends the start.</param>
    /// <exception cref="ParleyException">The request cannot be served; <see cref="ErrorCode.NotFound"/> where it follows a response that is not there, or not the caller's.</exception>
    public async Task<Conversation> StartResponseAsync(Principal caller, ModelRequest request, string? threadName, CancellationToken cancellationToken)
    {
        var agent = Find(caller, request.Model);
        var id = EnvelopeId.Make(_random).Value;
        var isKept = request.Store != false;
        if (request.PreviousResponse is { } previous)
        {
            // The agent has heard everything before: whatever comes now is new to it.
            var followed = await _responses.FindAsync(caller.CredentialId, previous, cancellationToken);
            return followed is not null && followed.Agent == agent.ToString()
                ? Start(new ConversationPlan(caller, agent, request, followed.Thread, IsCarried: false, isKept), id)
                : throw new ParleyException(ErrorCode.NotFound, "There is no such response of this model that this key could follow.") { Field = OpenAiErrors.PreviousResponse };
        }

        var thread = NamedThread(caller, agent, request, threadName) ?? (isKept ? ThreadNames.Of(caller, agent, ThreadKind.Response, id) : string.Empty);
        return Start(new ConversationPlan(caller, agent, request, thread, thread.Length == 0 || HasAnswers(request), isKept), id);
    }

    /// <summary>Keeps what a later request may follow; to be called before the answer is told to be complete.</summary>
    /// <param name="conversation">A conversation that was answered.</param>
    /// <param name="responseId">The id under which the answer is told.</param>
    /// <param name="answer">The answer.</param>
    /// <param name="body">The response as it is told, for those that are kept with their text.</param>
    /// <param name="cancellationToken">Ends the wait for the store.</param>
    public async Task KeepAsync(Conversation conversation, string responseId, ModelAnswer answer, byte[]? body, CancellationToken cancellationToken)
    {
        var plan = conversation.Plan;
        var isMatched = _options.MatchesHistory && !plan.IsKept && !plan.IsCarried;
        if (!plan.IsKept && !isMatched)
        {
            return;
        }

        var kept = new KeptResponse(responseId, plan.Caller.CredentialId, plan.Agent.ToString(), plan.Thread, conversation.StartedAt, conversation.StartedAt + _options.Retention)
        {
            // A history that ends with calls of tools comes back as its caller writes it, and is carried.
            Transcript = isMatched && answer.ToolCalls.Count == 0 ? Transcript.Hash(plan.Request.Turns.Append(new ModelTurn(ModelRole.Agent, answer.Text))) : null,
            Body = body,
        };
        await _responses.AddAsync(kept, cancellationToken);
    }

    private static bool HasAnswers(ModelRequest request) => request.Turns.Any(turn => turn.Role == ModelRole.Agent);

    private static string? NamedThread(Principal caller, AgentAddress agent, ModelRequest request, string? name) =>
        !string.IsNullOrEmpty(name) ? ThreadNames.Of(caller, agent, ThreadKind.Header, name)
        : !string.IsNullOrEmpty(request.User) ? ThreadNames.Of(caller, agent, ThreadKind.User, request.User) : null;

    // A conversation that begins gets a thread; one whose history is that of a thread's end goes on there; all others are carried.
    private async Task<ConversationPlan> MatchAsync(ConversationPlan plan, string id, CancellationToken cancellationToken)
    {
        var turns = plan.Request.Turns;
        if (!HasAnswers(plan.Request))
        {
            return plan with { Thread = ThreadNames.Of(plan.Caller, plan.Agent, ThreadKind.Response, id), IsCarried = false };
        }

        var heard = turns.Index().Last(turn => turn.Item.Role == ModelRole.Agent).Index + 1;
        var followed = heard == turns.Count
            ? null
            : await _responses.TakeTranscriptAsync(plan.Caller.CredentialId, plan.Agent.ToString(), Transcript.Hash(turns.Take(heard)), cancellationToken);
        return followed is null ? plan : plan with { Thread = followed.Thread, IsCarried = false, Heard = heard };
    }

    private Conversation Start(ConversationPlan plan, string id)
    {
        if (!plan.Request.Tools.IsEmpty && !_cards.CapabilitiesOf(plan.Agent).Contains(ListenerCapabilities.Tools))
        {
            throw new ParleyException(ErrorCode.OperationNotSupported, "This agent does not call its caller's tools.") { Field = ListenerCapabilities.Tools };
        }

        var told = plan.Heard == 0 ? plan.Request : plan.Request with { Turns = [.. plan.Request.Turns.Skip(plan.Heard)] };
        var message = ConversationMessage.Build(told, plan.IsCarried, _options.AnswerTimeout);
        var isWaiting = _options.OfflineWait > TimeSpan.Zero;
        var call = _calls.Start(new AgentCallRequest(CallerAddresses.Of(plan.Caller, plan.Agent), plan.Agent, id, message)
        {
            Thread = plan.Thread,
            OnlineOnly = !isWaiting,
            TimeToLive = isWaiting ? _options.OfflineWait : _options.AnswerTimeout,
        });
        return new Conversation(call, plan, _time.GetUtcNow(), _options, _time);
    }
}

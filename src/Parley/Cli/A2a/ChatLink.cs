using System.Text.Json;
using Microsoft.Extensions.Logging;
using Parley.Client.Config;
using Parley.Client.HubLink;
using Parley.Client.Journal;
using Parley.Client.Messaging;
using Parley.Client.Responders;
using Parley.Protocol.Errors;
using Parley.Protocol.Identity;
using Parley.Protocol.Management;
using Parley.Protocol.Wire;

namespace Parley.Cli.A2a;

/// <summary>The link of a chat: it sends, and takes what comes on the chat's thread.</summary>
internal sealed class ChatLink : ILinkEvents, IAsyncDisposable
{
    private readonly CommandContext _context;
    private HubProfile _profile;
    private readonly HomeIdentity _identity;
    private readonly ResponderPipeline _pipeline;
    private readonly Listener _listener;
    private readonly HubLink _link;

    private ChatLink(CommandContext context, HomeFolder home, ChatResponder responder)
    {
        _context = context;
        _profile = HubProfile.Load(home);
        _identity = HomeIdentity.Load(home);

        // Who may write at all is the hub's and the contacts' business; what comes is shown, not run.
        var policy = new ResponderPolicy { Senders = SenderPolicy.Everyone };
        _pipeline = new ResponderPipeline(responder, policy, context.Time, context.Loggers.CreateLogger<ResponderPipeline>());
        _listener = new Listener(
            new MemoryJournal(context.Time), _pipeline, responder, new ListenerOptions(false), context.Time, context.FillRandom, context.Loggers.CreateLogger<Listener>());
        Sender = new Sender(context.Time, context.FillRandom);
        var options = new HubLinkOptions { Role = SessionRole.Chat, FailsFast = true, Software = Versions.Software };
        _link = new HubLink(options, new AutoLinkDialer(_profile, context.Time), _profile, _identity, this, context.Time, context.FillRandom, context.Loggers.CreateLogger("Parley.Link"));
        Sender.Use(_link);
    }

    /// <summary>Sends over the link.</summary>
    public Sender Sender { get; }

    /// <summary>Who this home is.</summary>
    public AgentAddress Self => _profile.Agent;

    /// <summary>Connects.</summary>
    public static async Task<ChatLink> OpenAsync(CommandContext context, HomeFolder home, ChatResponder responder, CancellationToken cancellationToken)
    {
        var chat = new ChatLink(context, home, responder);
        try
        {
            await chat._listener.UseAsync(chat._link, cancellationToken);
            chat._link.Start();
            chat._profile = chat._profile.Learn(home, (await chat._link.WaitConnectedAsync(cancellationToken)).Address);
            return chat;
        }
        catch
        {
            await chat.DisposeAsync();
            throw;
        }
    }

    /// <summary>The canonical address of whom a name means.</summary>
    /// <exception cref="ParleyException"><see cref="ErrorCode.AgentUnknown"/>, <see cref="ErrorCode.AgentAmbiguous"/>.</exception>
    public async Task<AgentAddress> ResolveAsync(string target, CancellationToken cancellationToken)
    {
        try
        {
            var arguments = JsonSerializer.SerializeToUtf8Bytes(new AgentArguments(target), ManagementJson.Answers.AgentArguments);
            using var answer = await _link.CallAsync("agents.get", arguments, cancellationToken);
            return AgentAddress.Parse(answer.Deserialize(ManagementJson.Answers.ItemAgentView)!.Data.Address);
        }
        catch (ParleyException exception) when (exception.Code == ErrorCode.AgentUnknown && AgentAddress.TryParse(target, out _))
        {
            // One that may not be seen may still be written to: its owner decides.
            return AgentAddress.Parse(target);
        }
    }

    /// <summary>Takes the requests of a thread, whoever else listens for this agent, and those that wait.</summary>
    public void Take(string thread) => _link.Await([thread]);

    /// <inheritdoc/>
    public void OnDelivery(IncomingEnvelope incoming)
    {
        if (incoming.Envelope.Kind is EnvelopeKind.Request or EnvelopeKind.Cancel)
        {
            _listener.OnDelivery(incoming);
        }
        else
        {
            Sender.OnDelivery(incoming);
        }
    }

    /// <inheritdoc/>
    public void OnReceipt(Receipt receipt) => Sender.OnReceipt(receipt);

    /// <inheritdoc/>
    public void OnConnected(Welcome welcome)
    {
    }

    /// <inheritdoc/>
    public void OnDisconnected(string reason) => _context.Terminal.Note($"{reason}; dialling again");

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _listener.DrainAsync(TimeSpan.FromSeconds(1));
        await _link.StopAsync();
        await _link.DisposeAsync();
        await _pipeline.DisposeAsync();
        await _listener.DisposeAsync();
        _identity.Dispose();
    }
}

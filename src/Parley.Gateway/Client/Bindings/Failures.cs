using System.Net.Sockets;
using System.Security.Authentication;
using System.Text.Json;
using Google.Protobuf;
using Parley.Gateway.ProtoJson;
using Parley.Protocol.Errors;

namespace Parley.Gateway.Client.Bindings;

/// <summary>What may go wrong between here and an agent, as refusals.</summary>
internal static class Failures
{
    /// <summary>The refusal of what a transport threw; null for what is no failure of it, such as the caller's own cancellation.</summary>
    /// <param name="exception">What was thrown.</param>
    /// <param name="hasTimedOut">Whether a time limit of ours ran out.</param>
    /// <param name="cancellationToken">The caller's.</param>
    public static ParleyException? Explain(Exception exception, bool hasTimedOut, CancellationToken cancellationToken) => exception switch
    {
        ParleyException => null,
        _ when cancellationToken.IsCancellationRequested => null,
        _ when hasTimedOut => new ParleyException(ErrorCode.DeadlineExceeded, "The agent did not answer in time.", exception),
        HttpRequestException request => RefusalIn(request) ?? new ParleyException(ErrorCode.AgentUnreachable, Words(request), exception),
        IOException or SocketException or ObjectDisposedException => RefusalIn(exception) ?? new ParleyException(ErrorCode.AgentUnreachable, "The connection to the agent broke.", exception),
        OperationCanceledException => new ParleyException(ErrorCode.AgentUnreachable, "The connection to the agent was given up.", exception),
        _ => null,
    };

    /// <summary>Reads a part of an answer; what does not fit is the agent's mistake and not the caller's.</summary>
    /// <exception cref="ParleyException"><see cref="ErrorCode.AgentAnswerInvalid"/>, or <see cref="ErrorCode.MessageTooLarge"/>.</exception>
    public static T Parse<T>(JsonDialect dialect, ReadOnlyMemory<byte> json, JsonLimits limits)
        where T : class, IMessage<T>, new()
    {
        try
        {
            return dialect.Parse<T>(json.Span, limits);
        }
        catch (ParleyException exception) when (exception.Code is ErrorCode.InvalidArgument or ErrorCode.JsonInvalid)
        {
            throw new ParleyException(ErrorCode.AgentAnswerInvalid, $"The agent's answer does not fit its protocol. {exception.Message}", exception);
        }
    }

    /// <summary>Refuses an answer that says nothing where the protocol demands something.</summary>
    public static ParleyException Empty(string what) => new(ErrorCode.AgentAnswerInvalid, $"The agent's answer has no {what}.");

    /// <summary>Reads JSON that has no message of its own.</summary>
    public static JsonDocument Document(ReadOnlyMemory<byte> json, JsonLimits limits)
    {
        try
        {
            return JsonDocument.Parse(json, new JsonDocumentOptions { MaxDepth = limits.MaxDepth });
        }
        catch (JsonException exception)
        {
            throw new ParleyException(ErrorCode.AgentAnswerInvalid, "The agent's answer is not JSON.", exception);
        }
    }

    private static ParleyException? RefusalIn(Exception? exception) => exception switch
    {
        null => null,
        ParleyException refusal => refusal,
        _ => RefusalIn(exception.InnerException),
    };

    private static string Words(HttpRequestException exception) => exception.HttpRequestError switch
    {
        HttpRequestError.NameResolutionError => "The agent's host is unknown.",
        HttpRequestError.SecureConnectionError => "No encrypted connection to the agent: its certificate is not trusted, or it speaks another TLS.",
        HttpRequestError.ConnectionError => "Nothing answers at the agent's address.",
        HttpRequestError.VersionNegotiationError => "The agent's address does not speak the HTTP version that this binding needs.",
        _ when exception.InnerException is AuthenticationException => "No encrypted connection to the agent: its certificate is not trusted.",
        _ => "The connection to the agent broke.",
    };
}

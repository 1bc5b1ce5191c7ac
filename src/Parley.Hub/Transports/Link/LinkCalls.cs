using System.Text;
using Google.Protobuf;
using Microsoft.Extensions.Logging;
using Parley.Hub.Sessions;
using Parley.Protocol.Errors;
using Parley.Protocol.Wire;

namespace Parley.Hub.Transports.Link;

/// <summary>Answers the calls of attached agents: the same operations as <c>/api</c>, with the agent as the caller.</summary>
internal sealed partial class LinkCalls
{
    private readonly Func<Session, string, ReadOnlyMemory<byte>, CancellationToken, Task<byte[]>> _invoke;
    private readonly ILogger<LinkCalls> _logger;

    /// <summary>Calls that go to one dispatcher.</summary>
    /// <param name="invoke">Session, method, JSON arguments; gives the JSON result.</param>
    /// <param name="logger">Defects.</param>
    public LinkCalls(Func<Session, string, ReadOnlyMemory<byte>, CancellationToken, Task<byte[]>> invoke, ILogger<LinkCalls> logger)
    {
        _invoke = invoke;
        _logger = logger;
    }

    /// <summary>Answers one call; a refusal is an answer too.</summary>
    /// <param name="session">Who asks.</param>
    /// <param name="call">What.</param>
    /// <param name="underWay">The calls of the same link.</param>
    public async Task AnswerAsync(Session session, Call call, CallsUnderWay underWay)
    {
        var result = new CallResult { Number = call.Number };
        if (!underWay.TryBegin())
        {
            result.Code = ErrorMap.Of(ErrorCode.Unavailable).WireName;
            result.Message = "Too many calls at once on this link. Try again later.";
            session.Outbox.Send(new Frame { Result = result });
            return;
        }

        try
        {
            result.Value = UnsafeByteOperations.UnsafeWrap(await _invoke(session, call.Method, call.Arguments.Memory, CancellationToken.None));
        }
        catch (ParleyException exception)
        {
            result.Code = exception.Row.WireName;
            result.Message = exception.Message;
        }
        catch (Exception exception)
        {
            LogFailed(call.Method.Length > 64 ? "?" : Encoding.ASCII.GetString(Encoding.ASCII.GetBytes(call.Method)), exception);
            result.Code = ErrorMap.Of(ErrorCode.Internal).WireName;
            result.Message = "The hub failed; its log has the details.";
        }
        finally
        {
            underWay.End();
        }

        session.Outbox.Send(new Frame { Result = result });
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "The call {Method} failed")]
    private partial void LogFailed(string method, Exception exception);
}

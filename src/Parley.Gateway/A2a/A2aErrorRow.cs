using System.Collections.Frozen;
using Parley.Protocol.Errors;
using Parley.Protocol.Grpc;

namespace Parley.Gateway.A2a;

/// <summary>How a code of the catalogue looks on the three bindings of A2A 1.0.1.</summary>
/// <remarks>Codes of A2A's own table have its reason and its domain. All others keep their wire name as the reason, in our domain, and the columns of <see cref="ErrorMap"/>.</remarks>
/// <param name="Reason">UPPER_SNAKE_CASE, for programs.</param>
/// <param name="Domain">Whose reason it is.</param>
/// <param name="JsonRpc">Code of JSON-RPC.</param>
/// <param name="Grpc">Status of gRPC.</param>
/// <param name="Http">Status of REST.</param>
public sealed record A2aErrorRow(string Reason, string Domain, int JsonRpc, GrpcStatusCode Grpc, int Http)
{
    /// <summary>The domain of A2A's own reasons.</summary>
    public const string A2aDomain = "a2a-protocol.org";

    private static readonly FrozenDictionary<ErrorCode, A2aErrorRow> _own = new Dictionary<ErrorCode, A2aErrorRow>
    {
        [ErrorCode.TaskUnknown] = Own("TASK_NOT_FOUND", -32001, GrpcStatusCode.NotFound, 404),
        [ErrorCode.TaskNotCancelable] = Own("TASK_NOT_CANCELABLE", -32002, GrpcStatusCode.FailedPrecondition, 400),
        [ErrorCode.PushNotSupported] = Own("PUSH_NOTIFICATION_NOT_SUPPORTED", -32003, GrpcStatusCode.FailedPrecondition, 400),
        [ErrorCode.OperationNotSupported] = Own("UNSUPPORTED_OPERATION", -32004, GrpcStatusCode.FailedPrecondition, 400),
        [ErrorCode.ContentTypeNotSupported] = Own("CONTENT_TYPE_NOT_SUPPORTED", -32005, GrpcStatusCode.InvalidArgument, 400),
        [ErrorCode.AgentAnswerInvalid] = Own("INVALID_AGENT_RESPONSE", -32006, GrpcStatusCode.Internal, 500),
        [ErrorCode.ExtendedCardMissing] = Own("EXTENDED_AGENT_CARD_NOT_CONFIGURED", -32007, GrpcStatusCode.FailedPrecondition, 400),
        [ErrorCode.ExtensionRequired] = Own("EXTENSION_SUPPORT_REQUIRED", -32008, GrpcStatusCode.FailedPrecondition, 400),
        [ErrorCode.ProtocolVersion] = Own("VERSION_NOT_SUPPORTED", -32009, GrpcStatusCode.FailedPrecondition, 400),
    }.ToFrozenDictionary();

    private static readonly FrozenDictionary<int, ErrorCode> _byJsonRpc = _own.Select(pair => (pair.Value.JsonRpc, pair.Key)).Concat(
    [
        (-32700, ErrorCode.JsonInvalid), (-32600, ErrorCode.ProtocolViolation), (-32601, ErrorCode.MethodUnknown), (-32602, ErrorCode.InvalidArgument),
    ]).ToFrozenDictionary(pair => pair.Item1, pair => pair.Item2);

    private static readonly FrozenDictionary<string, ErrorCode> _byReason = _own.ToFrozenDictionary(pair => pair.Value.Reason, pair => pair.Key);

    /// <summary>The codes that A2A's own table names.</summary>
    public static IReadOnlyList<ErrorCode> OwnCodes { get; } = [.. _own.Keys.Order()];

    /// <summary>The row of a code.</summary>
    public static A2aErrorRow Of(ErrorCode code)
    {
        if (_own.TryGetValue(code, out var own))
        {
            return own;
        }

        var row = ErrorMap.Of(code);
        return new A2aErrorRow(row.WireName.Replace('.', '_').ToUpperInvariant(), GrpcErrorDetails.Domain, row.JsonRpc, row.Grpc, row.Http);
    }

    /// <summary>The nearest code to a code of JSON-RPC that another server sent.</summary>
    public static ErrorCode FromJsonRpc(int code) => _byJsonRpc.GetValueOrDefault(code, ErrorCode.Internal);

    /// <summary>The code of a reason in A2A's domain; null for one that we do not know.</summary>
    public static ErrorCode? FromReason(string reason) => _byReason.TryGetValue(reason, out var code) ? code : null;

    private static A2aErrorRow Own(string reason, int jsonRpc, GrpcStatusCode grpc, int http) => new(reason, A2aDomain, jsonRpc, grpc, http);
}

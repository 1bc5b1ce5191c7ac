using System.Collections.Frozen;

namespace Parley.Protocol.Errors;

/// <summary>How one <see cref="ErrorCode"/> looks on every door.</summary>
/// <param name="Code">The code.</param>
/// <param name="WireName">Stable name in JSON and on the link, for example <c>mailbox.full</c>.</param>
/// <param name="Grpc">gRPC status.</param>
/// <param name="Http">HTTP status of <c>/api</c>.</param>
/// <param name="JsonRpc">JSON-RPC error code (A2A and the seed's dialect).</param>
/// <param name="OpenAi">The <c>type</c> member of an OpenAI error.</param>
/// <param name="Exit">Exit code of the command line (contracts: 1 failed, 2 usage, 3 refused, 4 unknown, 5 offline, 6 conflict, 7 integrity, 70 bug).</param>
/// <param name="Fixer">Who can fix it, in a few words, for the error page and the CLI.</param>
public sealed record ErrorRow(ErrorCode Code, string WireName, GrpcStatusCode Grpc, int Http, int JsonRpc, string OpenAi, int Exit, string Fixer);

/// <summary>The one table that says how each error code looks on each door.</summary>
public static class ErrorMap
{
    private const string InvalidRequest = "invalid_request_error";
    private const string Authentication = "authentication_error";
    private const string Permission = "permission_error";
    private const string RateLimit = "rate_limit_error";
    private const string Server = "server_error";

    /// <summary>All rows, in the order of <see cref="ErrorCode"/>.</summary>
    public static IReadOnlyList<ErrorRow> Rows { get; } =
    [
        new(ErrorCode.Internal, "internal", GrpcStatusCode.Internal, 500, -32603, Server, 70, "Parley's developers"),
        new(ErrorCode.InvalidArgument, "invalid_argument", GrpcStatusCode.InvalidArgument, 400, -32602, InvalidRequest, 2, "the caller"),
        new(ErrorCode.ProtocolViolation, "protocol.violation", GrpcStatusCode.InvalidArgument, 400, -32600, InvalidRequest, 1, "the client's developers"),
        new(ErrorCode.ProtocolVersion, "protocol.version", GrpcStatusCode.FailedPrecondition, 400, -32009, InvalidRequest, 1, "whoever updates the older end"),
        new(ErrorCode.NotFound, "not_found", GrpcStatusCode.NotFound, 404, -32001, InvalidRequest, 4, "the caller"),
        new(ErrorCode.Unsupported, "unsupported", GrpcStatusCode.Unimplemented, 501, -32004, InvalidRequest, 1, "the caller"),
        new(ErrorCode.Unauthenticated, "unauthenticated", GrpcStatusCode.Unauthenticated, 401, -32600, Authentication, 3, "the caller, with a valid credential"),
        new(ErrorCode.PermissionDenied, "permission_denied", GrpcStatusCode.PermissionDenied, 403, -32600, Permission, 3, "an admin of the hub"),
        new(ErrorCode.Conflict, "conflict", GrpcStatusCode.FailedPrecondition, 409, -32600, InvalidRequest, 6, "the caller"),
        new(ErrorCode.RateLimited, "rate_limited", GrpcStatusCode.ResourceExhausted, 429, -32000, RateLimit, 1, "the caller, by waiting"),
        new(ErrorCode.Draining, "draining", GrpcStatusCode.Unavailable, 503, -32000, Server, 5, "nobody: try again"),
        new(ErrorCode.Unavailable, "unavailable", GrpcStatusCode.Unavailable, 503, -32000, Server, 1, "the hub's operator"),
        new(ErrorCode.DeadlineExceeded, "deadline_exceeded", GrpcStatusCode.DeadlineExceeded, 504, -32000, Server, 5, "the caller, with more time"),
        new(ErrorCode.Canceled, "canceled", GrpcStatusCode.Cancelled, 499, -32000, Server, 1, "the caller"),
        new(ErrorCode.NameInvalid, "name.invalid", GrpcStatusCode.InvalidArgument, 400, -32602, InvalidRequest, 2, "the caller, with another name"),
        new(ErrorCode.NameReserved, "name.reserved", GrpcStatusCode.InvalidArgument, 400, -32602, InvalidRequest, 2, "the caller, with another name"),
        new(ErrorCode.NameTaken, "name.taken", GrpcStatusCode.AlreadyExists, 409, -32602, InvalidRequest, 6, "the caller, with another name"),
        new(ErrorCode.AgentUnknown, "agent.unknown", GrpcStatusCode.NotFound, 404, -32001, InvalidRequest, 4, "the caller: parley agents lists the names"),
        new(ErrorCode.AgentAmbiguous, "agent.ambiguous", GrpcStatusCode.InvalidArgument, 409, -32602, InvalidRequest, 4, "the caller, with owner.name"),
        new(ErrorCode.AgentOffline, "agent.offline", GrpcStatusCode.Unavailable, 503, -32000, Server, 5, "the target's owner, by starting its listener"),
        new(ErrorCode.AgentRevoked, "agent.revoked", GrpcStatusCode.Unauthenticated, 401, -32600, Authentication, 3, "an admin of the hub"),
        new(ErrorCode.JoinRefused, "join.refused", GrpcStatusCode.Unauthenticated, 401, -32600, Authentication, 3, "an admin, with a new join string"),
        new(ErrorCode.JoinLimit, "join.limit", GrpcStatusCode.ResourceExhausted, 403, -32600, Permission, 3, "an admin, with a larger token"),
        new(ErrorCode.JoinLabels, "join.labels", GrpcStatusCode.PermissionDenied, 403, -32600, Permission, 3, "the caller, without these labels"),
        new(ErrorCode.JoinAlready, "join.already", GrpcStatusCode.AlreadyExists, 409, -32600, InvalidRequest, 6, "the caller, with another --home"),
        new(ErrorCode.PinMismatch, "pin.mismatch", GrpcStatusCode.Unauthenticated, 401, -32600, Authentication, 7, "the hub's operator: someone may be in between"),
        new(ErrorCode.LinkProof, "link.proof", GrpcStatusCode.Unauthenticated, 401, -32600, Authentication, 3, "an admin: parley admin agents reset-key"),
        new(ErrorCode.LinkReplaced, "link.replaced", GrpcStatusCode.Aborted, 409, -32000, InvalidRequest, 6, "the agent's owner: listen --share lets two share the work"),
        new(ErrorCode.LinkTimeout, "link.timeout", GrpcStatusCode.Unavailable, 503, -32000, Server, 5, "nobody: the link is dialled again"),
        new(ErrorCode.MessageTooLarge, "message.too_large", GrpcStatusCode.ResourceExhausted, 413, -32602, InvalidRequest, 2, "the sender: parley p2p send has no limit"),
        new(ErrorCode.MailboxFull, "mailbox.full", GrpcStatusCode.ResourceExhausted, 503, -32000, RateLimit, 5, "the receiver's owner, by starting its listener"),
        new(ErrorCode.MessageExpired, "message.expired", GrpcStatusCode.DeadlineExceeded, 504, -32000, Server, 5, "the sender, with a longer --ttl"),
        new(ErrorCode.MessageHops, "message.hops", GrpcStatusCode.FailedPrecondition, 403, -32000, InvalidRequest, 3, "the agents' owner: they call each other in a circle"),
        new(ErrorCode.MessagePairRate, "message.pair_rate", GrpcStatusCode.ResourceExhausted, 429, -32000, RateLimit, 1, "the sender, by waiting"),
        new(ErrorCode.MessageFanOut, "message.fan_out", GrpcStatusCode.ResourceExhausted, 403, -32602, InvalidRequest, 3, "the sender, with a narrower selector"),
        new(ErrorCode.MessageIdReused, "message.id_reused", GrpcStatusCode.AlreadyExists, 409, -32602, InvalidRequest, 6, "the sender, with a new id"),
        new(ErrorCode.MessageOrder, "message.order", GrpcStatusCode.FailedPrecondition, 409, -32602, InvalidRequest, 6, "the sender's software"),
        new(ErrorCode.ContactPending, "contact.pending", GrpcStatusCode.PermissionDenied, 403, -32600, Permission, 3, "the receiver's owner: parley contacts accept"),
        new(ErrorCode.ContactBlocked, "contact.blocked", GrpcStatusCode.PermissionDenied, 403, -32600, Permission, 3, "the receiver's owner"),
        new(ErrorCode.ResponderMissing, "responder.missing", GrpcStatusCode.FailedPrecondition, 501, -32004, InvalidRequest, 3, "the receiver's owner: listen --exec CMD"),
        new(ErrorCode.ResponderNotAllowed, "responder.not_allowed", GrpcStatusCode.PermissionDenied, 403, -32600, Permission, 3, "the receiver's owner: listen --allow NAME"),
        new(ErrorCode.ResponderFailed, "responder.failed", GrpcStatusCode.Internal, 502, -32603, Server, 1, "the receiver's owner"),
        new(ErrorCode.ResponderTimeout, "responder.timeout", GrpcStatusCode.DeadlineExceeded, 504, -32603, Server, 5, "the receiver's owner: listen --exec-timeout"),
        new(ErrorCode.ResponderInterrupted, "responder.interrupted", GrpcStatusCode.Aborted, 502, -32603, Server, 1, "the sender decides whether to send it again"),
        new(ErrorCode.IntegrityFailed, "integrity.failed", GrpcStatusCode.DataLoss, 422, -32602, InvalidRequest, 7, "the sender, by sending again"),
        new(ErrorCode.FilePermissions, "file.permissions", GrpcStatusCode.FailedPrecondition, 500, -32603, Server, 7, "the home's owner: chmod 600"),
        new(ErrorCode.NotJoined, "not_joined", GrpcStatusCode.FailedPrecondition, 409, -32600, InvalidRequest, 1, "the caller: parley join"),
        new(ErrorCode.HubUnreachable, "hub.unreachable", GrpcStatusCode.Unavailable, 503, -32000, Server, 5, "the hub's operator, or the network"),
        new(ErrorCode.OpenSslMissing, "openssl.missing", GrpcStatusCode.FailedPrecondition, 500, -32603, Server, 1, "the machine's owner: install OpenSSL 3"),
        new(ErrorCode.RoomNotIn, "room.not_in", GrpcStatusCode.FailedPrecondition, 400, -32600, InvalidRequest, 4, "the caller, with a new room"),
        new(ErrorCode.RoomAlreadyPaired, "room.already_paired", GrpcStatusCode.FailedPrecondition, 400, -32600, InvalidRequest, 6, "the caller, with a new token"),
        new(ErrorCode.RoomCodeSpent, "room.code_spent", GrpcStatusCode.NotFound, 404, -32600, InvalidRequest, 6, "the partner, with a new code"),
        new(ErrorCode.RoomPartnerMissing, "room.partner_missing", GrpcStatusCode.Unavailable, 503, -32000, Server, 5, "the partner, by joining"),
        new(ErrorCode.RoomInboxFull, "room.inbox_full", GrpcStatusCode.ResourceExhausted, 503, -32000, RateLimit, 5, "the partner, by reading"),
        new(ErrorCode.RoomWaitPending, "room.wait_pending", GrpcStatusCode.Aborted, 409, -32600, InvalidRequest, 6, "the caller: another process waits with this token"),
        new(ErrorCode.RoomLoop, "room.loop", GrpcStatusCode.FailedPrecondition, 429, -32000, RateLimit, 1, "a person: say something new"),
        new(ErrorCode.BackupDamaged, "backup.damaged", GrpcStatusCode.DataLoss, 422, -32602, InvalidRequest, 7, "the hub's operator, with another copy"),
        new(ErrorCode.JsonInvalid, "json.invalid", GrpcStatusCode.InvalidArgument, 400, -32700, InvalidRequest, 1, "the client's developers"),
        new(ErrorCode.MethodUnknown, "method.unknown", GrpcStatusCode.Unimplemented, 404, -32601, InvalidRequest, 1, "the client's developers"),
        new(ErrorCode.TaskUnknown, "task.unknown", GrpcStatusCode.NotFound, 404, -32001, InvalidRequest, 4, "the caller"),
        new(ErrorCode.TaskNotCancelable, "task.not_cancelable", GrpcStatusCode.FailedPrecondition, 400, -32002, InvalidRequest, 6, "nobody: the task has ended"),
        new(ErrorCode.PushNotSupported, "push.not_supported", GrpcStatusCode.FailedPrecondition, 400, -32003, InvalidRequest, 1, "the caller, by streaming or polling"),
        new(ErrorCode.OperationNotSupported, "operation.not_supported", GrpcStatusCode.FailedPrecondition, 400, -32004, InvalidRequest, 1, "the caller"),
        new(ErrorCode.ContentTypeNotSupported, "content_type.not_supported", GrpcStatusCode.InvalidArgument, 400, -32005, InvalidRequest, 1, "the caller: the card names the types"),
        new(ErrorCode.AgentAnswerInvalid, "agent.answer_invalid", GrpcStatusCode.Internal, 500, -32006, Server, 1, "the agent's developers"),
        new(ErrorCode.ExtendedCardMissing, "card.extended_missing", GrpcStatusCode.FailedPrecondition, 400, -32007, InvalidRequest, 1, "the agent's owner"),
        new(ErrorCode.ExtensionRequired, "extension.required", GrpcStatusCode.FailedPrecondition, 400, -32008, InvalidRequest, 1, "the caller, by naming the extension"),
        new(ErrorCode.OutboundRefused, "outbound.refused", GrpcStatusCode.PermissionDenied, 403, -32602, Permission, 3, "the hub's operator: parley hub --allow-outbound"),
        new(ErrorCode.AgentUnreachable, "agent.unreachable", GrpcStatusCode.Unavailable, 503, -32000, Server, 5, "the remote agent's operator, or the network"),
        new(ErrorCode.StateChanged, "state.changed", GrpcStatusCode.FailedPrecondition, 412, -32600, InvalidRequest, 6, "the writer, by reading it again"),
        new(ErrorCode.AgentPaused, "agent.paused", GrpcStatusCode.FailedPrecondition, 403, -32000, RateLimit, 3, "the agent's owner: parley budgets reset"),
        new(ErrorCode.PeerKeyChanged, "peer.key_changed", GrpcStatusCode.Unauthenticated, 401, -32600, Authentication, 7, "both agents' owners: parley verify NAME"),
        new(ErrorCode.PeerProof, "peer.proof", GrpcStatusCode.Unauthenticated, 401, -32600, Authentication, 7, "both agents' owners: someone may be in between"),
        new(ErrorCode.PeerUnreachable, "peer.unreachable", GrpcStatusCode.Unavailable, 503, -32000, Server, 5, "both machines' owners: parley p2p doctor NAME"),
        new(ErrorCode.FileDamaged, "file.damaged", GrpcStatusCode.FailedPrecondition, 500, -32603, Server, 7, "the home's owner"),
        new(ErrorCode.PeerUnknown, "peer.unknown", GrpcStatusCode.NotFound, 404, -32001, InvalidRequest, 4, "the caller: parley peer list names them, parley peer add FILE adds one"),
        new(ErrorCode.TransferDeclined, "transfer.declined", GrpcStatusCode.PermissionDenied, 403, -32600, Permission, 3, "the receiver"),
        new(ErrorCode.TransferPath, "transfer.path", GrpcStatusCode.InvalidArgument, 400, -32602, InvalidRequest, 3, "the sender, with another name or without that file"),
        new(ErrorCode.TransferSpace, "transfer.space", GrpcStatusCode.ResourceExhausted, 507, -32000, Server, 1, "the receiver, by making room"),
        new(ErrorCode.TransferChanged, "transfer.changed", GrpcStatusCode.Aborted, 409, -32600, InvalidRequest, 6, "the sender, by sending again"),
        new(ErrorCode.TransferFile, "transfer.file", GrpcStatusCode.FailedPrecondition, 409, -32600, InvalidRequest, 1, "the owner of the file"),
    ];

    private static readonly FrozenDictionary<string, ErrorRow> _byWireName = Rows.ToFrozenDictionary(row => row.WireName);

    /// <summary>The row of a code.</summary>
    public static ErrorRow Of(ErrorCode code) => Rows[(int)code];

    /// <summary>The code with this wire name; <see cref="ErrorCode.Internal"/> for a name that a newer peer knows and we do not.</summary>
    public static ErrorCode FromWireName(string wireName) =>
        _byWireName.TryGetValue(wireName, out var row) ? row.Code : ErrorCode.Internal;
}

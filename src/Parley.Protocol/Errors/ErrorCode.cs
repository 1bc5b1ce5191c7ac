namespace Parley.Protocol.Errors;

/// <summary>Every refusal that Parley can give, whoever gives it. <see cref="ErrorMap"/> says how each looks on each door.</summary>
/// <remarks>The names never change their meaning; new ones may be added. docs/protocol/errors.md is generated from this list.</remarks>
public enum ErrorCode
{
    /// <summary>A defect of ours: the log of the process that answered has the details.</summary>
    Internal,

    /// <summary>An argument or a field has a value that the rules forbid.</summary>
    InvalidArgument,

    /// <summary>Bytes that do not follow the protocol.</summary>
    ProtocolViolation,

    /// <summary>No version of the protocol is spoken by both ends.</summary>
    ProtocolVersion,

    /// <summary>No such thing on this door, or none that the caller may know of.</summary>
    NotFound,

    /// <summary>The operation exists but is not offered here.</summary>
    Unsupported,

    /// <summary>No valid credential: missing, unknown, expired and revoked answer alike.</summary>
    Unauthenticated,

    /// <summary>The credential is good but does not allow this.</summary>
    PermissionDenied,

    /// <summary>The thing is in a state that excludes the operation.</summary>
    Conflict,

    /// <summary>More calls than the caller's rate allows.</summary>
    RateLimited,

    /// <summary>The node is shutting down; another one, or this one later, will answer.</summary>
    Draining,

    /// <summary>A needed part is not available now: the store is full or unreachable.</summary>
    Unavailable,

    /// <summary>The time that the caller gave ran out.</summary>
    DeadlineExceeded,

    /// <summary>The caller withdrew the call.</summary>
    Canceled,

    /// <summary>A name breaks the rule for agents and owners.</summary>
    NameInvalid,

    /// <summary>A name is kept for the hub's own routes.</summary>
    NameReserved,

    /// <summary>A name is in use by another agent of the owner.</summary>
    NameTaken,

    /// <summary>No agent of that name is visible to the caller.</summary>
    AgentUnknown,

    /// <summary>A bare name fits several visible agents.</summary>
    AgentAmbiguous,

    /// <summary>The agent has no listener now and the sender asked not to wait for one.</summary>
    AgentOffline,

    /// <summary>The agent or its key was revoked.</summary>
    AgentRevoked,

    /// <summary>A join token is unknown, spent, expired or revoked.</summary>
    JoinRefused,

    /// <summary>The token's agent limit is reached.</summary>
    JoinLimit,

    /// <summary>The labels asked for contradict the labels that the token enforces.</summary>
    JoinLabels,

    /// <summary>The home is already an agent.</summary>
    JoinAlready,

    /// <summary>The far end's key is not the pinned one.</summary>
    PinMismatch,

    /// <summary>The signature over the link's handshake does not verify.</summary>
    LinkProof,

    /// <summary>A newer session of the same agent and role took this one's place.</summary>
    LinkReplaced,

    /// <summary>The peer was silent for too long.</summary>
    LinkTimeout,

    /// <summary>The body is larger than the hub takes.</summary>
    MessageTooLarge,

    /// <summary>The receiver's mailbox is full.</summary>
    MailboxFull,

    /// <summary>The message's time to live ended before it was delivered.</summary>
    MessageExpired,

    /// <summary>The chain of messages is longer than the hop limit.</summary>
    MessageHops,

    /// <summary>This pair of agents exchanges messages faster than the hub's limit.</summary>
    MessagePairRate,

    /// <summary>One send names more targets than the limit.</summary>
    MessageFanOut,

    /// <summary>The same id was used for another body.</summary>
    MessageIdReused,

    /// <summary>A sequence number arrived that does not follow the thread's last one.</summary>
    MessageOrder,

    /// <summary>The sender is not among those whose messages the receiver takes; held until accepted.</summary>
    ContactPending,

    /// <summary>The receiver blocked the sender.</summary>
    ContactBlocked,

    /// <summary>The listener has no responder for this type of message.</summary>
    ResponderMissing,

    /// <summary>The listener's responder does not serve this sender.</summary>
    ResponderNotAllowed,

    /// <summary>The responder could not be started or broke its protocol.</summary>
    ResponderFailed,

    /// <summary>The responder ran longer than its limit and was stopped.</summary>
    ResponderTimeout,

    /// <summary>The listener stopped while the message ran; it may have had effects and will not run again.</summary>
    ResponderInterrupted,

    /// <summary>A content hash does not fit the content.</summary>
    IntegrityFailed,

    /// <summary>Someone else may read a file that holds a secret.</summary>
    FilePermissions,

    /// <summary>This home has not joined a hub.</summary>
    NotJoined,

    /// <summary>The hub cannot be reached.</summary>
    HubUnreachable,

    /// <summary>OpenSSL 3 is missing on this machine.</summary>
    OpenSslMissing,

    /// <summary>The token sits in no room: not yet, or not any more.</summary>
    RoomNotIn,

    /// <summary>The token has or had its room; a token has one in its life.</summary>
    RoomAlreadyPaired,

    /// <summary>The invite or listener code is unknown, used or expired.</summary>
    RoomCodeSpent,

    /// <summary>The room's other seat is empty.</summary>
    RoomPartnerMissing,

    /// <summary>The partner left too much unread.</summary>
    RoomInboxFull,

    /// <summary>The seat waits already.</summary>
    RoomWaitPending,

    /// <summary>The agents only repeat themselves: the message was dropped and the room paused or ended.</summary>
    RoomLoop,

    /// <summary>A copy of a hub is damaged, or not one that this program can use.</summary>
    BackupDamaged,

    /// <summary>The text is not JSON.</summary>
    JsonInvalid,

    /// <summary>No such method on this door.</summary>
    MethodUnknown,

    /// <summary>No such task, or not one of the caller's.</summary>
    TaskUnknown,

    /// <summary>The task has ended already.</summary>
    TaskNotCancelable,

    /// <summary>The agent sends no push notifications.</summary>
    PushNotSupported,

    /// <summary>The agent does not offer this operation, or not for a task in this state.</summary>
    OperationNotSupported,

    /// <summary>The agent does not take or give this content type.</summary>
    ContentTypeNotSupported,

    /// <summary>The agent answered with something that its protocol does not allow.</summary>
    AgentAnswerInvalid,

    /// <summary>The agent announces an extended card and has none.</summary>
    ExtendedCardMissing,

    /// <summary>The agent requires an extension that the caller did not name.</summary>
    ExtensionRequired,

    /// <summary>The hub does not call this address.</summary>
    OutboundRefused,

    /// <summary>An agent outside of the hub does not answer at its address.</summary>
    AgentUnreachable,

    /// <summary>A shared state has another version than the writer expected.</summary>
    StateChanged,

    /// <summary>The agent did more than its budget allows, and is paused.</summary>
    AgentPaused,

    /// <summary>Another agent's identity key is not the one that this home knows.</summary>
    PeerKeyChanged,

    /// <summary>What another agent showed does not prove what it must, or was changed on the way.</summary>
    PeerProof,

    /// <summary>Two agents that agreed to meet found no way between their machines.</summary>
    PeerUnreachable,

    /// <summary>A file of this machine is not what it should be.</summary>
    FileDamaged,

    /// <summary>There is no such peer.</summary>
    PeerUnknown,

    /// <summary>The receiver does not want the files.</summary>
    TransferDeclined,

    /// <summary>A name that is not harmless on every system, or leads out of the folder.</summary>
    TransferPath,

    /// <summary>The receiver's disk has no room for the files.</summary>
    TransferSpace,

    /// <summary>A file was changed while it was sent.</summary>
    TransferChanged,

    /// <summary>A file cannot be read by its sender or written by its receiver.</summary>
    TransferFile,
}

namespace Parley.HubTests.Rooms.Doors;

/// <summary>Both over HTTP.</summary>
public sealed class HttpRoomTests : RoomSpec
{
    private protected override RoomDoorKind HostDoor => RoomDoorKind.Http;

    private protected override RoomDoorKind JoinerDoor => RoomDoorKind.Http;
}

/// <summary>Both over links on gRPC.</summary>
public sealed class GrpcLinkRoomTests : RoomSpec
{
    private protected override RoomDoorKind HostDoor => RoomDoorKind.Grpc;

    private protected override RoomDoorKind JoinerDoor => RoomDoorKind.Grpc;
}

/// <summary>A host with nothing but HTTP, a joiner with a link.</summary>
public sealed class HttpHostLinkJoinerRoomTests : RoomSpec
{
    private protected override RoomDoorKind HostDoor => RoomDoorKind.Http;

    private protected override RoomDoorKind JoinerDoor => RoomDoorKind.WebSocket;
}

/// <summary>A host with a link, a joiner with nothing but HTTP.</summary>
public sealed class LinkHostHttpJoinerRoomTests : RoomSpec
{
    private protected override RoomDoorKind HostDoor => RoomDoorKind.Grpc;

    private protected override RoomDoorKind JoinerDoor => RoomDoorKind.Http;
}

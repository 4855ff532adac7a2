-- Teaches tshark the TLV header between the UDP port of data and a tunnelled packet (RFC 5845, section 7.2, figure 6):
--   tshark -X lua_script:tools/tshark/pmipv6-tlv.lua -d udp.port==5437,pmipv6-tlv -r FILE
local tlv = Proto("pmipv6-tlv", "Proxy Mobile IPv6 TLV header")
local f = tlv.fields
f.type = ProtoField.uint8("pmipv6_tlv.type", "Type", base.DEC, nil, 0xf0)
f.reserved = ProtoField.uint8("pmipv6_tlv.reserved", "Res.", base.DEC, nil, 0x0f)
f.next = ProtoField.uint8("pmipv6_tlv.next_header", "Next Header")
f.length = ProtoField.uint16("pmipv6_tlv.length", "Length")
tlv.experts.wrong = ProtoExpert.new("pmipv6_tlv.wrong", "Not as RFC 5845 has it", expert.group.MALFORMED, expert.severity.ERROR)

function tlv.dissector(buffer, info, tree)
  local branch = tree:add(tlv, buffer(0, 4))
  branch:add(f.type, buffer(0, 1))
  branch:add(f.reserved, buffer(0, 1))
  branch:add(f.next, buffer(1, 1))
  branch:add(f.length, buffer(2, 2))
  if buffer(0, 1):uint() ~= 0 or buffer(2, 2):uint() ~= buffer:len() - 4 then
    branch:add_proto_expert_info(tlv.experts.wrong)
  end
  DissectorTable.get("ip.proto"):try(buffer(1, 1):uint(), buffer(4):tvb(), info, tree)
end

DissectorTable.get("udp.port"):add_for_decode_as(tlv)
